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
put archive $samples/archives/*.zip
put whole $samples/*.jsonl $samples/*.csv $samples/*.parquet $samples/tables/*.?sv $samples/xml/*.xml
put html $samples/*.jsonl $samples/xml/*.xml
put tokenizer $samples/*.jsonl
put lexicon ../tests/data/lexicon/*.toml
# A byte before the content chooses the encoding, or the file of the model.
mkdir -p corpus/encodings corpus/model
for file in "$samples"/tables/*.?sv; do { printf '\012'; cat "$file"; } > "corpus/encodings/$(basename "$file")"; done
{ printf '\000'; cat ../models/default/tokenizer.json; } > corpus/model/tokenizer
i=0
for parts in '{"type":"BPE","vocab":{"a":0,"##b":1,"ab":2},"merges":[["a","##b"]],"continuing_subword_prefix":"##"}' \
    '{"type":"BPE","vocab":{"Ġ":0,"a":1,"Ġa":2},"merges":["Ġ a"]},"pre_tokenizer":{"type":"ByteLevel","add_prefix_space":true}' \
    '{"type":"Unigram","unk_id":0,"vocab":[["<unk>",0.0],["▁f",-1.5]]},"pre_tokenizer":{"type":"Metaspace","replacement":"▁"}' \
    '{"type":"WordPiece","unk_token":"u","continuing_subword_prefix":"##","max_input_chars_per_word":9,"vocab":{"u":0,"f":1}}' \
    '{"type":"WordLevel","vocab":{"u":0},"unk_token":"u"},"pre_tokenizer":{"type":"Sequence","pretokenizers":[{"type":"Digits","individual_digits":true},{"type":"Punctuation","behavior":"Isolated"}]},"normalizer":{"type":"Sequence","normalizers":[{"type":"Bert","clean_text":true,"handle_chinese_chars":true,"strip_accents":true,"lowercase":true},{"type":"Replace","pattern":{"Regex":"[0-9]+"},"content":""},{"type":"Prepend","prepend":"x"}]}'; do
    i=$((i + 1))
    { printf '\000'; printf '{"version":"1.0","added_tokens":[],"model":%s}' "$parts"; } > "corpus/model/tokenizer-$i"
done
{ printf '\001'; head -c 65536 ../models/default/lexicon.bin; } > corpus/model/lexicon
{ printf '\002'; cat ../models/default/manifest.json; } > corpus/model/manifest
{ printf '\003'; head -c 65536 ../models/default/model.safetensors; } > corpus/model/safetensors
