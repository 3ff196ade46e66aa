"""Several independent searches of one job at once: one in this process, the others in child processes.

Processes, not threads: a search is many small steps of Python, and threads of one process take turns at those.
"""

from services.studies.parallel.run import Work, run_parallel
from services.studies.parallel.tasks import Execution, Progress

__all__ = ["Execution", "Progress", "Work", "run_parallel"]
