"""Times products of a sparse matrix in SciPy: one folder of raw arrays in, one JSON object out."""

import json
import sys
import time
from pathlib import Path

import numpy
import scipy
from scipy.sparse import csc_matrix

WARM_UPS = 3
MEASURED = 11


def timed(work):
    for _ in range(WARM_UPS):
        work()
    times = []
    for _ in range(MEASURED):
        start = time.perf_counter()
        work()
        times.append(1000 * (time.perf_counter() - start))
    return {"minMs": min(times), "medianMs": float(numpy.median(times))}


def main(folder):
    def read(name, kind):
        return numpy.fromfile(folder / name, dtype=kind)

    starts = read("starts.i32", numpy.int32)
    shape = json.loads((folder / "shape.json").read_text())
    columns = csc_matrix(
        (read("values.f32", numpy.float32), read("rows.i32", numpy.int32), starts),
        shape=(shape["rows"], shape["columns"]),
    )
    rows = columns.tocsr()
    x = numpy.full(shape["columns"], 0.5, dtype=numpy.float32)
    v = numpy.full(shape["rows"], 0.5, dtype=numpy.float32)
    products = {
        "multiply, SciPy CSC": lambda: columns @ x,
        "multiply, SciPy CSR": lambda: rows @ x,
        "multiplyTransposed, SciPy CSC": lambda: columns.T @ v,
        "multiplyTransposed, SciPy CSR": lambda: rows.T @ v,
    }
    versions = f"SciPy {scipy.__version__}, NumPy {numpy.__version__}"
    times = {name: timed(work) for name, work in products.items()}
    sums = {name: float(work().sum(dtype=numpy.float64)) for name, work in products.items()}
    print(json.dumps({"versions": versions, "times": times, "sums": sums}))


main(Path(sys.argv[1]))
