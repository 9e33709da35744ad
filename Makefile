# What a person types. The work is in Python: local/toolchain (install), mesh (everything else).
PYTHON ?= python3
BIN := .venv/bin
# The toolkit of the stacks: cdktf, or cdktn, its fork with newer bindings (docs/adr/0020).
TOOLKIT ?= $(or $(MESH_TOOLKIT),cdktf)
export MESH_TOOLKIT := $(TOOLKIT)
FLOW := transport/taxinyc/prep/revenue

.DEFAULT_GOAL := help
.PHONY: help install deployer demo mlflow down clean test lint tools types style workflows format bench mistakes golden plans fields quartz lineage

help:  ## List the targets.
	@sed -n 's/^\([a-z]*\):[^#]*## */\1|/p' $(MAKEFILE_LIST) | while IFS='|' read -r name text; do \
	  printf '  make %-9s %s\n' "$$name" "$$text"; done

install:  ## Install everything below this folder: needs Python 3.11+, make and git only.
	@$(PYTHON) -m local.toolchain install

deployer:  ## Install only what deploying to a real workspace needs, as in continuous integration.
	@$(PYTHON) -m local.toolchain install --for deploying

demo:  ## From nothing to a table: a local Databricks workspace, data, a deployment, a run.
	@$(PYTHON) -m local.toolchain install --for running
	$(BIN)/mesh local up
	$(BIN)/mesh local data load
	MESH_ENV=local $(BIN)/mesh deploy --auto-approve
	$(BIN)/mesh local run $(FLOW)
	@$(BIN)/python -m mesh.cli.demo $(FLOW)

mlflow:  ## Train and validate the taxi model with an MLflow server (installs 850 MB once): a version becomes the champion.
	@$(PYTHON) -m local.toolchain install --for running
	$(BIN)/mesh local up --mlflow
	$(BIN)/mesh local data load
	MESH_ENV=local $(BIN)/mesh deploy --auto-approve
	$(BIN)/mesh local run taximodel/training --output >.mesh/local/mlflow.txt || { tail -n 20 .mesh/local/mlflow.txt; exit 1; }
	@grep -o 'version .* is the champion' .mesh/local/mlflow.txt

down:  ## Stop the local workspace; what is in it stays.
	@if [ -x $(BIN)/mesh ]; then $(BIN)/mesh local down; fi

# Not .mesh/state: what is deployed from here to other workspaces would be nobody's any more.
clean: down  ## Stop the local workspace, then remove everything that was made here.
	rm -rf .venv node_modules cdktf.out cdktf.runs cdktf.log build *.egg-info .mesh/local .mesh/jars .mesh/cdktn .mesh/plugins .mesh/install.*
	rm -rf .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
	@if [ -d .mesh/state ]; then echo "kept .mesh/state, which knows what is deployed elsewhere"; else rm -rf .mesh; fi

TESTS_OF_CDKTN := tests/system/cdktn tests/constructs tests/stacks tests/golden tests/local/provider tests/system/deploy/test_everything.py
TESTS := $(if $(filter cdktn,$(TOOLKIT)),$(TESTS_OF_CDKTN))

# Hundreds of commands are started: where byte code is kept, each is twice as fast.
test: export PYTHONDONTWRITEBYTECODE =
# Terraform is started hundreds of times, and ends before Go's collector of garbage would save anything.
test: export GOGC = 400
test: lint  ## Install everything, check the code and run all tests; with TOOLKIT=cdktn, what a toolkit can break.
	PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/python -m pytest -n 3 --durations 10 $(TESTS)

# The checks need the Python packages only, and run beside the rest of the installation.
lint:  ## Check the code's style and types, and the workflows.
	@$(PYTHON) -m local.toolchain install --for checking
	@$(MAKE) --no-print-directory -j 3 tools types style
	@$(MAKE) --no-print-directory workflows

tools:
	@$(PYTHON) -m local.toolchain install --for testing

types:
	$(BIN)/mypy

style:
	$(BIN)/ruff check
	$(BIN)/ruff format --check

workflows:
	$(BIN)/actionlint -shellcheck= -pyflakes= .github/workflows/*.yml course/*/*/tables.yml

format: install  ## Rewrite the code in the project's style.
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

bench: install  ## Measure the times that docs/performance.md holds; `BENCH="synthesis --large"` chooses.
	$(BIN)/python -m tests.bench $(BENCH)

mistakes: install  ## Have students make every mistake of the course, and see that each is told; `TASKS="08 13"` chooses.
	$(BIN)/python -m tests.course.every_mistake $(TASKS)

golden: install  ## Write the golden folders anew; read the difference before you commit it.
	$(BIN)/python -m pytest tests/golden --golden-update

plans: install  ## Have Terraform make the plans of the reviews' golden folders anew; then `make golden`.
	$(BIN)/python -m tests.golden.review.plans
	$(BIN)/python -m tests.golden.review.by_hand

fields: install  ## Regenerate the tables of provider fields (mesh/documents/fields) from the bindings of TOOLKIT.
	$(BIN)/python -m tools.provider_fields

quartz: install  ## Ask Quartz itself about 1,000 schedules (needs Java and Maven), write its answers, and compare.
	$(BIN)/python -m tools.quartz.fixture
	$(BIN)/python -m pytest tests/mesh/quartz

lineage: install  ## Ask Spark which columns 220 queries need (needs Java), write its answers, and compare.
	$(BIN)/python -m tools.lineage.fixture
	$(BIN)/python -m pytest tests/mesh/lineage
