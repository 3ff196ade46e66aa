import os
import subprocess
import sys

from scripts.served_app import environment_of

SERVED = """
import asyncio, time
from threadpoolctl import threadpool_info
from ui.shared.server import lifespan

def threads():
    return [each["num_threads"] for each in threadpool_info() if each["user_api"] == "blas"]

async def serve():
    async with lifespan(None):
        deadline = time.monotonic() + 120
        while (len(threads()) < 2 or set(threads()) != {1}) and time.monotonic() < deadline:
            await asyncio.sleep(0.1)
        print(threads())

asyncio.run(serve())
"""


def test_a_server_that_is_warm_keeps_matrix_products_to_one_thread(tmp_path):
    # NumPy and SciPy bring a library each
    environment = os.environ | environment_of(tmp_path) | {"MIXWRIGHT_WARM_TRAINING": "0", "OPENBLAS_NUM_THREADS": "2"}
    done = subprocess.run([sys.executable, "-c", SERVED], env=environment, capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[1, 1]"
