#!/usr/bin/env bash
# Runs the study techniek on at least three million job rows with 1, 2 and 4
# threads and compares the releases byte for byte.
#   benches/same_bytes.sh [FOLDER]      needs target/release/honkvast
set -euo pipefail
honkvast=$(cd "$(dirname "$0")/.." && pwd)/target/release/honkvast
folder=${1:-$(mktemp -d)}
"$honkvast" synth --persons 116000 --years 2016..2019 --seed 7 --out "$folder/raw" >"$folder.synth.txt"
for threads in 1 2 4; do
    start=$(date +%s.%N)
    "$honkvast" -p techniek --raw "$folder/raw" --lake "$folder/lake-$threads" \
        --release "$folder/release-$threads" --threads "$threads" --memory 1GiB \
        --log-level debug run 2>"$folder/log-$threads.txt"
    echo "partitions of the widest plans:" \
        "$(grep -o 'planned in [0-9]* partitions' "$folder/log-$threads.txt" | sort | uniq -c | xargs)"
    echo "$threads threads: $(echo "$(date +%s.%N) - $start" | bc) s"
done
for threads in 2 4; do
    diff -r "$folder/release-1/current/" "$folder/release-$threads/current/"
done
"$honkvast" -p techniek --lake "$folder/lake-1" sql "select count(*) as job_rows from raw.jobs"
cat "$folder/release-1/current/"* | sha256sum
echo "the releases are the same byte for byte"
