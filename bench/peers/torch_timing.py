"""Medians of many runs on one GPU by events, as ibrik.bench.gpu.Stopwatch takes them."""
import datetime
import json
import pathlib

import torch

WARM_UP = 20
SAMPLE_MS = 2.0


def sample(run, runs):
    start, stop = torch.cuda.Event(enable_timing=True), torch.cuda.Event(enable_timing=True)
    start.record()
    for _ in range(runs):
        run()
    stop.record()
    stop.synchronize()
    return start.elapsed_time(stop) / runs


def summary(times):
    times = sorted(times)
    n = len(times)
    return times[n // 2], [times[n // 4], times[n * 3 // 4]]


class Clock:
    """Cold: a buffer of four times the second cache is written before each run. Hot: one after the other."""

    def __init__(self, samples):
        self.samples = samples
        size = torch.cuda.get_device_properties(0).L2_cache_size
        self.flush = torch.empty(max(1 << 20, size), dtype=torch.float32, device="cuda")

    def cold(self, run):
        times = []
        for _ in range(self.samples):
            self.flush.zero_()
            times.append(sample(run, 1))
        return summary(times)

    def hot(self, run, estimate):
        runs = min(200, max(1, round(SAMPLE_MS / max(estimate, 1e-3))))
        return summary([sample(run, runs) for _ in range(self.samples)])

    def both(self, run):
        for _ in range(WARM_UP):
            run()
        torch.cuda.synchronize()
        cold = self.cold(run)
        return {"cold": cold, "hot": self.hot(run, cold[0])}


def graphed(run):
    """The same work as one CUDA graph."""
    side = torch.cuda.Stream()
    side.wait_stream(torch.cuda.current_stream())
    with torch.cuda.stream(side):
        for _ in range(3):
            run()
    torch.cuda.current_stream().wait_stream(side)
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph):
        run()
    return graph.replay


def four(value):
    return float(f"{value:.4g}")


def row(bench, size, way, mode, result):
    median, quartiles = result
    print(f"{bench:22} {size:20} {way:22} {mode:5} {median:9.4f} ms", flush=True)
    return {"bench": bench, "size": size, "way": way, "mode": mode, "ms": four(median),
            "quartiles_ms": [four(q) for q in quartiles]}


def write(path, rows):
    path = pathlib.Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({
        "date": datetime.datetime.now(datetime.timezone.utc).date().isoformat(),
        "gpu": torch.cuda.get_device_name(0),
        "peer": f"PyTorch {torch.__version__}, CUDA {torch.version.cuda}",
        "rows": rows,
    }, indent=2) + "\n")
