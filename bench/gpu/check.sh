#!/usr/bin/env bash
# bench/gpu/check.sh [tests|kernels|peers|steps|join]...     (on a machine with a GPU)
#
# Everything that only a GPU can answer, in one run on one machine: the tests of the kernels, kernels
# timed by events against copies, the same work by PyTorch, training steps of both. Without arguments
# all parts, in this order. Needs the folder .gpu/ that bench/gpu/pack.sh made, and Python with
# PyTorch for the peers. Writes .gpu/out/*.json and bench/results/gpu-<device>.json. Then, where the
# sources are: bench/gpu/headers.py --kernels .../kernels.json --kernels .../kernels-own.json
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
out=${OUT:-.gpu/out}
app=.gpu/app/lib
mkdir -p "$out"
classes="$app/classes:$app/*:.gpu/jars/*"
options=(-Xmx8g --enable-native-access=ALL-UNNAMED --add-modules=jdk.incubator.vector)
failed=0

run() { bash .gpu/run-on-gpu.sh "${options[@]}" "$@"; }

part() { # name, command...
  local name=$1
  shift
  printf '\n== %s\n' "$name"
  "$@" || {
    printf '== %s failed\n' "$name" >&2
    failed=1
  }
}

tests() { # the specs and what stands beside them, on the GPU instead of the emulation
  run -Dibrik.test.device=cuda -cp "$app/tests:$classes:$app/junit/*" \
    org.junit.platform.console.ConsoleLauncher execute --disable-banner --details=summary \
    --select-package=ibrik.kernels.cuda \
    --include-classname='.*(SpecTest|ProgramTest|VariantsTest|DefinitionsTest|ShapesTest|UpdateCudaTest|SixteenBitTest|CudaKernelTest)'
  run -cp "$app/tests:$classes:$app/junit/*" org.junit.platform.console.ConsoleLauncher execute \
    --disable-banner --details=summary --include-tag=gpu --select-package=ibrik \
    --include-classname='.*Test'
}

kernels() { # once more with products and convolutions by kernels of our own
  run -cp "$classes" ibrik.bench.gpu.Main --out "$out/kernels.json"
  run -Dibrik.cuda.own=true -cp "$classes" ibrik.bench.gpu.Main own --out "$out/kernels-own.json"
}

peers() { python3 bench/peers/torch_kernels.py --out "$out/torch-kernels.json"; }

steps() {
  run -cp "$classes" ibrik.bench.Main MethodStepBench -p device=cuda -p model=resnet18 \
    -p batch=256x32 -p precision=f32,bf16 --no-roofs --out "$out/steps.json"
  python3 bench/peers/torch_steps.py --out "$out/torch-steps.json"
}

join() { python3 bench/gpu/join.py "$out"; }

[ -f .gpu/run-on-gpu.sh ] || {
  echo "check: no .gpu/ here; make it with bench/gpu/pack.sh on the development machine" >&2
  exit 2
}
[ $# -gt 0 ] || set -- tests kernels peers steps join
bash .gpu/run-on-gpu.sh --info
for name in "$@"; do
  case $name in
    tests | kernels | peers | steps | join) part "$name" "$name" ;;
    *) echo "check: no part '$name'; parts are tests, kernels, peers, steps, join" >&2; exit 2 ;;
  esac
done
exit $failed
