#!/usr/bin/env sh
# Fills fuzz/corpus with what the targets begin from: the sample feeds, and the lexicons and the model that ship.
set -eu
cd "$(dirname "$0")"
samples=../datasets/samples
put() { target=$1; shift; mkdir -p "corpus/$target"; cp "$@" "corpus/$target/"; }
put json $samples/*.jsonl
put csv $samples/*.csv $samples/tables/*.?sv
put xml $samples/xml/*.xml
put parquet $samples/*.parquet
put whole $samples/*.jsonl $samples/*.csv $samples/*.parquet $samples/tables/*.?sv $samples/xml/*.xml
put html $samples/*.jsonl $samples/xml/*.xml
put tokenizer $samples/*.jsonl
put lexicon ../tests/data/lexicon/*.toml
# A byte before the content chooses the encoding, or the file of the model.
mkdir -p corpus/encodings corpus/model
for file in "$samples"/tables/*.?sv; do { printf '\012'; cat "$file"; } > "corpus/encodings/$(basename "$file")"; done
{ printf '\000'; cat ../models/default/tokenizer.json; } > corpus/model/tokenizer
{ printf '\001'; head -c 65536 ../models/default/lexicon.bin; } > corpus/model/lexicon
{ printf '\002'; cat ../models/default/manifest.json; } > corpus/model/manifest
{ printf '\003'; head -c 65536 ../models/default/model.safetensors; } > corpus/model/safetensors
