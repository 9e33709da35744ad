"""Where a program of this machine gets a process that need not import pyspark: `mesh test` asks for one."""

import sys

from fastapi import APIRouter, Request

from local.connection import connection_variables
from local.flow_tests.warm_process import FORKS_PATH, python_settings
from local.home import Home, read_status
from local.workspace.store import Json
from local.workspace.workflows.task_processes import TaskProcesses, process_environment

router = APIRouter()


@router.get(FORKS_PATH)
async def get_forks(request: Request) -> Json:
    """Get the socket of the process from which tasks are forked, and what its Python is.

    It is started if it is not running.
    """
    home: Home = request.app.state.home
    processes: TaskProcesses = request.app.state.processes
    variables = connection_variables(read_status(home), home)
    server = await processes.server(process_environment([], variables))
    return {
        "socket": str(server.socket),
        "prefix": sys.prefix,
        "settings": python_settings(server.environment),
    }
