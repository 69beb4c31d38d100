#!/usr/bin/env python3
"""A training step of SimCLR and BYOL by PyTorch, as MethodStepBench has it: two views of small colour
images that are ready, ResNet-18 with the small stem, loss, gradients, SGD, and BYOL's target.

    python3 bench/peers/torch_steps.py [--batch 256] [--side 32] [--samples 31] [--out FILE]
"""
import argparse
import copy

import torch
import torch.nn.functional as F
from torch import nn

from torch_timing import Clock, graphed, row, write


class Block(nn.Module):
    def __init__(self, channels, out, stride):
        super().__init__()
        self.body = nn.Sequential(
            nn.Conv2d(channels, out, 3, stride, 1, bias=False), nn.BatchNorm2d(out), nn.ReLU(),
            nn.Conv2d(out, out, 3, 1, 1, bias=False), nn.BatchNorm2d(out))
        plain = stride == 1 and channels == out
        self.short = nn.Identity() if plain else nn.Sequential(
            nn.Conv2d(channels, out, 1, stride, bias=False), nn.BatchNorm2d(out))

    def forward(self, x):
        return F.relu(self.body(x) + self.short(x))


def resnet18():
    layers = [nn.Conv2d(3, 64, 3, 1, 1, bias=False), nn.BatchNorm2d(64), nn.ReLU()]
    channels = 64
    for out, stride in ((64, 1), (128, 2), (256, 2), (512, 2)):
        layers += [Block(channels, out, stride), Block(out, out, 1)]
        channels = out
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten())


def mlp(width, hidden, out):
    return nn.Sequential(nn.Linear(width, hidden), nn.BatchNorm1d(hidden), nn.ReLU(), nn.Linear(hidden, out))


class SimClr(nn.Module):
    def __init__(self):
        super().__init__()
        self.net = nn.Sequential(resnet18(), mlp(512, 512, 128))

    def loss(self, a, b):
        n = F.normalize(self.net(torch.cat([a, b])).float(), dim=1)
        rows = n.shape[0]
        never = torch.eye(rows, device=n.device, dtype=torch.bool)
        partners = (torch.arange(rows, device=n.device) + rows // 2) % rows
        return F.cross_entropy((n @ n.t() / 0.5).masked_fill(never, float("-inf")), partners)

    def after(self):
        pass


class Byol(nn.Module):
    def __init__(self):
        super().__init__()
        self.net = nn.Sequential(resnet18(), mlp(512, 4096, 256))
        self.predictor = mlp(256, 4096, 256)
        self.target = copy.deepcopy(self.net).requires_grad_(False)

    def loss(self, a, b):
        both = torch.cat([a, b])
        p = F.normalize(self.predictor(self.net(both)).float(), dim=1)
        with torch.no_grad():
            t = F.normalize(self.target(both).float(), dim=1)
        half = a.shape[0]
        return (2 - 2 * (p * torch.cat([t[half:], t[:half]])).sum(1)).mean()

    @torch.no_grad()
    def after(self):
        torch._foreach_lerp_(list(self.target.parameters()), list(self.net.parameters()), 1 - 0.996)


def step(make, options, half, compiled):
    model = make().cuda()
    a, b = (torch.randn(options.batch, 3, options.side, options.side, device="cuda") for _ in range(2))
    if half:
        model = model.to(memory_format=torch.channels_last)
        a, b = (v.to(memory_format=torch.channels_last) for v in (a, b))
    trained = [p for p in model.parameters() if p.requires_grad]
    optimizer = torch.optim.SGD(trained, lr=0.01, momentum=0.9, weight_decay=1e-4, fused=True)
    loss_of = torch.compile(model.loss) if compiled else model.loss

    def run():
        optimizer.zero_grad(set_to_none=False)
        with torch.autocast("cuda", torch.bfloat16, enabled=half):
            loss = loss_of(a, b)
        loss.backward()
        optimizer.step()
        model.after()

    return run


WAYS = {
    "f32 eager": dict(half=False, compiled=False, graph=False),
    "bf16 eager": dict(half=True, compiled=False, graph=False),
    "bf16 graph": dict(half=True, compiled=False, graph=True),
    "bf16 compile": dict(half=True, compiled=True, graph=False),
    "bf16 compile, graph": dict(half=True, compiled=True, graph=True),
}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--batch", type=int, default=256)
    parser.add_argument("--side", type=int, default=32)
    parser.add_argument("--samples", type=int, default=31)
    parser.add_argument("--out", default=".gpu/out/torch-steps.json")
    options = parser.parse_args()
    torch.manual_seed(1)
    torch.backends.cudnn.benchmark = True
    clock = Clock(options.samples)
    rows = []
    size = f"resnet18 {options.batch}x{options.side}"
    for bench, make in (("simclr step", SimClr), ("byol step", Byol)):
        for way, how in WAYS.items():
            try:
                run = step(make, options, how["half"], how["compiled"])
                run = graphed(run) if how["graph"] else run
                for _ in range(20):
                    run()
                rows.append(row(bench, size, way, "step", clock.hot(run, 1e3)))
            except Exception as failed:  # one way less is no reason to lose the others
                print(f"{bench} {way}: {type(failed).__name__}: {failed}", flush=True)
            torch.cuda.empty_cache()
        write(options.out, rows)
    print("written:", options.out)


if __name__ == "__main__":
    main()
