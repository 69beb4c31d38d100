#!/usr/bin/env bash
# Trains the ablations behind the table of claims and records them here. What is finished in
# runs/claims is not trained again, so it may be stopped and started at will.
#
#   ssl/results/claims.sh FOLDER [GROUP...]     FOLDER: that of CIFAR-10; all groups where none is named
#
# NOTE="..." says something about the machine in every record. One thread each, so that several
# groups may run side by side; a run takes one to three minutes of a core.
set -euo pipefail

data=${1:?the folder of CIFAR-10}
shift
root=$(cd "${BASH_SOURCE[0]%/*}/../.." && pwd -P)
claim=

# place variant name method flags...: one run of the claim at hand.
run() {
  local place=$1 variant=$2 out=runs/claims/$3 method=$4
  shift 4
  if [ ! -e "$root/$out/result.json" ]; then
    (cd "$root" && rm -rf "$out" && ./ibrik pretrain "$method" --data cifar10 --data-dir "$data" \
      --preset tiny --threads 1 --map none "$@" --out "$out")
  fi
  (cd "$root" && ./ibrik record "$out" --note "${NOTE:-}" \
    --claim "$claim" --variant "$variant" --place "$place")
}

short=(--limit 10000 --epochs 8)

swav-crops() { # a step with small crops takes 1.42 times the operations
  claim="SwAV: two small crops more are worth their work"
  run 1 "two large, two small crops" swav-2x2 swav --limit 12800 --epochs 8
  run 2 "two large crops, 1.06 times the work" swav-2-12 swav --limit 12800 --epochs 12 --local-crops 0
  run 3 "two large crops" swav-2 swav --limit 12800 --epochs 8 --local-crops 0
}

swav-prototypes() {
  claim="SwAV: fixed random prototypes cost little"
  run 1 "learned" swav-2x2 swav --limit 12800 --epochs 8
  run 1 "fixed" swav-fixed swav --limit 12800 --epochs 8 --freeze-epochs 8
}

swav-queue() {
  claim="SwAV: a queue helps small batches"
  run 1 "batches of 64, queue of 1024 from epoch 2" swav-b64q swav "${short[@]}" --batch-size 64 \
    --queue-length 1024 --queue-start-epoch 2
  run 2 "batches of 64" swav-b64 swav "${short[@]}" --batch-size 64
  claim="SwAV: a short queue helps small batches"
  run 1 "batches of 64, queue of 64 from epoch 2" swav-b64q64 swav "${short[@]}" --batch-size 64 \
    --queue-length 64 --queue-start-epoch 2
  run 2 "batches of 64" swav-b64 swav "${short[@]}" --batch-size 64
}

nnclr-queue() {
  claim="NNCLR: neighbours are sought in a large queue"
  run 1 "queue of 2048" nnclr-2048 nnclr "${short[@]}"
  run 2 "queue of one batch" nnclr-128 nnclr "${short[@]}" --queue 128
}

byol-target() {
  claim="BYOL: the target follows, but slowly"
  run 1 "tau from 0.99" byol-099 byol "${short[@]}" --tau-base 0.99
  run 2 "tau = 1, the target never moves" byol-1 byol "${short[@]}" --tau-base 1
  run 3 "tau from 0" byol-0 byol "${short[@]}" --tau-base 0
  claim="BYOL: a fast predictor stands in for a slow target"
  run 1 "tau from 0, predictor at 10 times the rate" byol-0x10 byol "${short[@]}" --tau-base 0 \
    --predictor-lr-factor 10
  run 2 "tau from 0" byol-0 byol "${short[@]}" --tau-base 0
}

fast-moco() { # a step with patches takes 1.23 times the operations
  claim="Fast-MoCo: pairs of patches are worth their work"
  run 1 "pairs of four patches" fast-r2 fast-moco "${short[@]}"
  run 2 "whole views, 1.02 times the work" fast-whole-10 fast-moco --limit 10000 --epochs 10 \
    --split 1 --combine 1
  run 3 "whole views" fast-whole fast-moco "${short[@]}" --split 1 --combine 1
  claim="Fast-MoCo: pairs are better than one patch or all four"
  run 1 "pairs" fast-r2 fast-moco "${short[@]}"
  run 2 "all four" fast-r4 fast-moco "${short[@]}" --combine 4
  run 2 "one" fast-r1 fast-moco "${short[@]}" --combine 1
}

fair() {
  claim="Fair pair: with all else equal the loss matters little"
  run 1 "MoCo v2+" fair-moco fair "${short[@]}"
  run 1 "BYOL" fair-byol fair "${short[@]}" --objective byol
  claim="Fair pair: head, symmetric loss and schedule are ahead of plain MoCo v2"
  run 1 "MoCo v2+" fair-moco fair "${short[@]}"
  run 2 "MoCo v2" mocov2 mocov2 "${short[@]}"
  claim="Fair pair: an asymmetric network is better"
  run 1 "MoCo v2+, asymmetric" fair-moco fair "${short[@]}"
  run 2 "MoCo v2+, symmetric" fair-sym fair "${short[@]}" --target-predictor
}

moco-target() {
  claim="MoCo v2: keys need a slow network"
  run 1 "tau of the preset" mocov2 mocov2 "${short[@]}"
  run 2 "tau = 0" mocov2-0 mocov2 "${short[@]}" --tau 0
}

twist-parts() {
  claim="TWIST: the norm before the softmax is needed"
  run 1 "with it" twist-1 twist "${short[@]}"
  run 2 "without" twist-nonorm twist "${short[@]}" --no-last-norm
  claim="TWIST: its own labels help at the end"
  run 1 "last epoch on its own labels" twist-labels twist "${short[@]}" --self-label-epochs 1
  run 2 "none" twist-1 twist "${short[@]}"
}

msbreg-noise() {
  claim="MSBReg: too strong a random force does harm"
  run 1 "weight of the preset" msb-1 msbreg "${short[@]}"
  run 2 "weight 1" msb-noise msbreg "${short[@]}" --brownian 1
}

msbreg-norms() {
  claim="MSBReg: its forces do without batch norm in the heads"
  run 1 "both forces, no norms in the heads" msb-nonorm msbreg "${short[@]}" --no-head-norm
  run 2 "no forces, no norms in the heads" msb-nonorm-0 msbreg "${short[@]}" --no-head-norm \
    --singular 0 --brownian 0
}

relic-terms() {
  claim="ReLICv2: the invariance term does no harm"
  run 1 "with it" relic-1 relicv2 "${short[@]}"
  run 1 "without" relic-0 relicv2 "${short[@]}" --invariance-weight 0
  claim="ReLICv2: two small crops help"
  run 1 "two large, two small crops" relic-1 relicv2 "${short[@]}"
  run 2 "two large crops" relic-large relicv2 "${short[@]}" --local-crops 0
  claim="ReLICv2: ten negatives are enough, one is not"
  run 1 "10" relic-1 relicv2 "${short[@]}"
  run 1 "127" relic-127 relicv2 "${short[@]}" --negatives 127
  run 2 "1" relic-n1 relicv2 "${short[@]}" --negatives 1
}

dino-teacher() {
  claim="DINO: the teacher is better than the student"
  run 1 "teacher" dino-teacher dino "${short[@]}"
  run 2 "student" dino-student dino "${short[@]}" --keep-student
}

colours() {
  local plain=(--jitter 0 --gray 0)
  claim="BYOL: colours matter, though not all"
  run 1 "all augmentations" byol-colours byol "${short[@]}"
  run 2 "no jitter, no grey" byol-plain byol "${short[@]}" "${plain[@]}"
  claim="SimCLR: colours matter"
  run 1 "all augmentations" simclr-colours simclr "${short[@]}"
  run 2 "no jitter, no grey" simclr-plain simclr "${short[@]}" "${plain[@]}"
}

groups=(swav-crops swav-prototypes swav-queue nnclr-queue byol-target fast-moco fair moco-target
  msbreg-norms msbreg-noise relic-terms twist-parts dino-teacher colours)
[ $# -gt 0 ] || set -- "${groups[@]}"
for group; do
  [[ " ${groups[*]} " == *" $group "* ]] || {
    echo "claims.sh: no group '$group'; known: ${groups[*]}" >&2
    exit 2
  }
  "$group"
done
