#!/usr/bin/env python3
"""The work of ibrik.bench.gpu.Cases by PyTorch: eager, as a CUDA graph, and compiled.

    python3 bench/peers/torch_kernels.py [pattern] [--samples 51] [--out FILE]
"""
import argparse

import torch
import torch.nn.functional as F

from torch_timing import Clock, graphed, row, write

LARGE = 1 << 26


def normal(*shape):
    return torch.randn(*shape, device="cuda")


def ema():
    target, source = normal(LARGE), normal(LARGE)
    return lambda: target.lerp_(source, 1 - 0.996)


def sgd():
    weight = normal(LARGE).requires_grad_()
    weight.grad = normal(LARGE)
    optimizer = torch.optim.SGD([weight], lr=1e-6, momentum=0.9, weight_decay=1e-4, fused=True)
    return optimizer.step


def fake_quantize():
    x = normal(LARGE)
    return lambda: torch.fake_quantize_per_tensor_affine(x, 0.1, 0, -128, 127)


def fake_quantize_bwd():
    x, dy = normal(LARGE), normal(LARGE)
    inverse = 1 / torch.tensor(0.1, device="cuda")

    def run():
        q = torch.round(x * inverse)
        return torch.where((q >= -128) & (q <= 127), dy, 0)

    return run


def batch_norm_relu():
    x = normal(256, 64, 56, 56).to(memory_format=torch.channels_last)
    gamma, beta = torch.ones(64, device="cuda"), torch.zeros(64, device="cuda")
    return lambda: F.relu(F.batch_norm(x, None, None, gamma, beta, True, 0.1, 1e-5))


def sinkhorn():
    scores = normal(4096, 3000)

    def run():
        q = torch.exp((scores - scores.max()) / 0.5).t()
        k, b = q.shape
        q = q / q.sum()
        for _ in range(3):
            q = q / q.sum(1, keepdim=True) / k
            q = q / q.sum(0, keepdim=True) / b
        return (q * b).t()

    return run


def nt_xent():
    z = normal(8192, 128).requires_grad_()
    never = torch.eye(8192, device="cuda", dtype=torch.bool)
    partners = (torch.arange(8192, device="cuda") + 4096) % 8192

    def run():
        n = F.normalize(z, dim=1)
        loss = F.cross_entropy((n @ n.t() / 0.5).masked_fill(never, float("-inf")), partners)
        return torch.autograd.grad(loss, z)

    return run


def info_nce():
    q, k, queue = normal(256, 128).requires_grad_(), normal(256, 128), normal(65536, 128)
    labels = torch.zeros(256, dtype=torch.long, device="cuda")

    def run():
        logits = torch.cat([(q * k).sum(1, keepdim=True), q @ queue.t()], 1) / 128
        return torch.autograd.grad(F.cross_entropy(logits, labels), q)

    return run


def barlow_twins():
    z1, z2 = normal(1024, 2048).requires_grad_(), normal(1024, 2048).requires_grad_()
    eye = torch.eye(2048, device="cuda")

    def run():
        n1, n2 = F.batch_norm(z1, None, None, training=True), F.batch_norm(z2, None, None, training=True)
        c = n1.t() @ n2 / 1024
        loss = ((c - eye).square() * (eye + 0.005 * (1 - eye))).sum()
        return torch.autograd.grad(loss, [z1, z2])

    return run


def convolution(channels, side):
    """What a binary or an 8-bit layer replaces: cuDNN in bf16, channels last."""
    x = normal(256, channels, side, side).bfloat16().to(memory_format=torch.channels_last)
    w = normal(channels, channels, 3, 3).bfloat16().to(memory_format=torch.channels_last)
    return lambda: F.conv2d(x, w, padding=1)


CASES = [
    ("ema", "64M", ema, ""),
    ("sgd", "64M", sgd, ""),
    ("fake_quantize", "64M", fake_quantize, ""),
    ("fake_quantize_bwd", "64M", fake_quantize_bwd, ""),
    ("batch_norm_relu", "256x56x56x64", batch_norm_relu, ""),
    ("sinkhorn", "4096x3000x3", sinkhorn, ""),
    ("nt_xent_fwd_bwd", "4096x128", nt_xent, ""),
    ("info_nce_fwd_bwd", "256x65536x128", info_nce, ""),
    ("barlow_twins_fwd_bwd", "1024x2048", barlow_twins, ""),
    ("xnor_conv2d", "256x14x14x256", lambda: convolution(256, 14), "bf16 "),
    ("xnor_conv2d", "256x7x7x512", lambda: convolution(512, 7), "bf16 "),
    ("int8_conv2d", "256x14x14x256", lambda: convolution(256, 14), "bf16 "),
    ("int8_conv2d", "256x7x7x512", lambda: convolution(512, 7), "bf16 "),
]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("pattern", nargs="?", default="")
    parser.add_argument("--samples", type=int, default=51)
    parser.add_argument("--out", default=".gpu/out/torch-kernels.json")
    options = parser.parse_args()
    torch.manual_seed(1)
    torch.backends.cudnn.benchmark = True
    # f32 means f32 here, as in the kernels beside it; convolutions above are bf16 by name.
    torch.backends.cuda.matmul.allow_tf32 = False
    torch.backends.cudnn.allow_tf32 = False
    clock = Clock(options.samples)
    rows = []
    for bench, size, make, name in CASES:
        if options.pattern not in f"{bench} {size}":
            continue
        run = make()
        ways = {"eager": lambda: run, "graph": lambda: graphed(run), "compile": lambda: torch.compile(run)}
        for way, prepare in ways.items():
            try:
                for mode, result in clock.both(prepare()).items():
                    rows.append(row(bench, size, name + way, mode, result))
            except Exception as failed:  # one way less is no reason to lose the others
                print(f"{bench} {size} {way}: {type(failed).__name__}: {failed}", flush=True)
        write(options.out, rows)
        del run
        torch.cuda.empty_cache()
    print("written:", options.out)


if __name__ == "__main__":
    main()
