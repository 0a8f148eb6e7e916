"""A feed of a given size from the postings that ship: repeated, and varied so that no two are alike.

    make_feed.py POSTINGS.jsonl OUT.jsonl MEGABYTES SEED

Digits are drawn anew, the sentences of the description are turned round, and a sentence of another posting in the same
language is added to every second one. The same arguments give the same bytes.
"""

import json
import random
import re
import sys

KEYS = ["id", "title", "company", "location", "salary", "description", "requirements", "benefits", "company_profile"]


def varied(posting, others, number, rng):
    made = {key: posting[key] for key in KEYS if posting.get(key)}
    made["id"] = f"{posting['id']}-{number}"
    sentences = re.split(r"(?<=[.!?。！？\n])", made.get("description", ""))
    at = rng.randrange(len(sentences))
    sentences = sentences[at:] + sentences[:at]
    if number % 2:
        sentences.append(" " + rng.choice(rng.choice(others)))
    digits = lambda text: re.sub(r"\d", lambda _: str(rng.randrange(10)), text)
    made["description"] = digits("".join(sentences))
    for key in ("salary", "title"):
        if key in made:
            made[key] = digits(made[key])
    return made


def main():
    source, target, megabytes, seed = sys.argv[1:]
    rng = random.Random(int(seed))
    postings = [json.loads(line) for line in open(source, encoding="utf-8")]
    by_language = {}
    for posting in postings:
        sentences = [s for s in re.split(r"(?<=[.!?。！？\n])", posting.get("description", "")) if s.strip()]
        if sentences:
            by_language.setdefault(posting.get("language"), []).append(sentences)
    left, number = float(megabytes) * 1e6, 0
    with open(target, "wb") as out:
        while left > 0:
            rng.shuffle(postings)
            for posting in postings:
                number += 1
                others = by_language.get(posting.get("language")) or [[""]]
                line = json.dumps(varied(posting, others, number, rng), ensure_ascii=False).encode() + b"\n"
                out.write(line)
                left -= len(line)
                if left <= 0:
                    break


if __name__ == "__main__":
    main()
