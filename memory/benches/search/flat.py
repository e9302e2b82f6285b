"""Searches the vectors of a folder with FAISS's flat index: one search for each line on stdin."""

import json
import sys
import time

import faiss
import numpy

folder, dimension = sys.argv[1], int(sys.argv[2])
rows = numpy.fromfile(folder + "/rows", dtype="<f4").reshape(-1, dimension)
queries = numpy.fromfile(folder + "/queries", dtype="<f4").reshape(-1, dimension)
faiss.omp_set_num_threads(1)
index = faiss.IndexFlatL2(dimension)
index.add(rows)
parameters = {1: None}
for line in sys.stdin:
    query, share = map(int, line.split())
    if share not in parameters:
        allowed = numpy.packbits(numpy.arange(len(rows)) % share == 0, bitorder="little")
        parameters[share] = faiss.SearchParameters(sel=faiss.IDSelectorBitmap(allowed))
    began = time.perf_counter()
    _, ids = index.search(queries[query].reshape(1, -1), 10, params=parameters[share])
    took = (time.perf_counter() - began) * 1e3
    print(json.dumps([took, [str(number) for number in ids[0] if number >= 0]]), flush=True)
