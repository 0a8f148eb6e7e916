"""Rivals, fitted and measured on the rows, folds and row weights of lurescan's nested evaluation.

lurescan says which fold each row was held out in and what it scored there (`lurescan eval --nested --scores`). Every rival
is fitted inside the same outer training parts, on the same fields and under the same row weights; three settings each are
tried on three inner folds that keep the same groups together, and the best by average precision is fitted again on the
whole training part. Figures weigh rows by the weight that the data give them. Output: one Markdown table.
"""

import argparse
import hashlib
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
from collections import Counter, defaultdict

import numpy as np
from joblib import Parallel, delayed
from sklearn.decomposition import TruncatedSVD
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import average_precision_score, roc_auc_score, roc_curve
from sklearn.model_selection import StratifiedGroupKFold

# The fields that lurescan's text stage reads, in its order.
FIELDS = ["title", "salary", "description", "requirements", "benefits", "company_profile"]
# lurescan's text stage weighs the scams of every stratum to this share, and joins strata that have fewer of a class.
TEXT_PRIOR = 0.5
LEAST_OF_A_CLASS = 5
INNER_FOLDS = 3


class Rows:
    """The rows of a nested evaluation."""

    def __init__(self, path):
        records = [json.loads(line) for line in open(path, encoding="utf-8")]
        evaluation = [r["evaluation"] for r in records]
        column = lambda key: np.array([e[key] for e in evaluation])
        self.texts = ["\n".join(r[f] for f in FIELDS if r.get(f)) for r in records]
        self.labels = np.array([r["label"] for r in records])
        self.domain, self.stratum = column("domain"), column("stratum")
        self.weight, self.group, self.campaign = column("weight"), column("group"), column("campaign")
        self.seeds = evaluation[0]["seeds"]
        self.folds, self.logits = column("folds"), column("logits")

    def training_weights(self, rows):
        """The weights of lurescan's text stage: the row's own over its campaign's size, scams at the prior by stratum."""
        size = Counter(self.campaign[rows])
        weight = self.weight[rows] / np.array([size[c] for c in self.campaign[rows]])
        labels = self.labels[rows]
        counts = defaultdict(lambda: [0, 0])
        for stratum, label in zip(self.stratum[rows], labels):
            counts[stratum][label] += 1
        small = {s for s, (honest, scams) in counts.items() if min(honest, scams) < LEAST_OF_A_CLASS}
        strata = np.array([d if s in small else s for d, s in zip(self.domain[rows], self.stratum[rows])])
        for of_stratum in set(strata):
            inside = strata == of_stratum
            honest, scams = weight[inside & (labels == 0)].sum(), weight[inside & (labels == 1)].sum()
            if honest > 0 and scams > 0:
                weight[inside & (labels == 1)] *= honest / scams * TEXT_PRIOR / (1 - TEXT_PRIOR)
        return weight / weight.mean()


def plain(text):
    """Lower-case words, numbers and single signs with spaces between them, for tools that split at spaces."""
    return " ".join(re.findall(r"\w+|[^\w\s]", text.lower()))


class ScikitLearn:
    name = "scikit-learn tf-idf 1-3-grams, logistic regression"
    grid = ["C 3", "C 30", "C 300"]

    @staticmethod
    def scores(train, labels, weights, test, settings, seed):
        vectorizer = TfidfVectorizer(ngram_range=(1, 3), sublinear_tf=True, min_df=2)
        x, held = vectorizer.fit_transform(train), vectorizer.transform(test)
        for setting in settings:
            model = LogisticRegression(C=float(setting.split()[1]), solver="liblinear", random_state=seed)
            yield setting, model.fit(x, labels, sample_weight=weights).decision_function(held)


class FastText:
    name = "fastText, word n-grams"
    grid = ["2-grams, 10 epochs", "2-grams, 30 epochs", "3-grams, 30 epochs"]

    @staticmethod
    def scores(train, labels, weights, test, settings, seed):
        import fasttext

        # It knows no row weights: rows are repeated in whole copies in their proportion, four times as many as there are.
        due = np.round(np.cumsum(weights) * 4).astype(int)
        copies = np.diff(due, prepend=0)
        order = np.repeat(np.arange(len(train)), copies)
        np.random.default_rng(seed).shuffle(order)
        lines = [f"__label__{label} {plain(text)}\n" for text, label in zip(train, labels)]
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "train.txt")
            with open(path, "w", encoding="utf-8") as out:
                out.writelines(lines[i] for i in order)
            for setting in settings:
                ngrams, epochs = re.match(r"(\d)-grams, (\d+) epochs", setting).groups()
                # An epoch goes over four copies.
                model = fasttext.train_supervised(
                    path, wordNgrams=int(ngrams), epoch=max(1, int(epochs) // 4), lr=0.5, dim=16, bucket=1_000_000,
                    thread=1, seed=seed, verbose=0,
                )
                # Of one label a line: with two, this version gives the second the probability of the first.
                found, probabilities = model.f.multilinePredict([plain(t) + "\n" for t in test], 1, 0.0, "strict")
                p = [q[0] if f[0] == "__label__1" else 1 - q[0] for f, q in zip(found, probabilities)]
                p = np.clip(np.array(p, dtype=float), 1e-9, 1 - 1e-9)
                yield setting, np.log(p / (1 - p))


class VowpalWabbit:
    name = "Vowpal Wabbit, 1-3-grams"
    grid = ["5 passes", "20 passes", "20 passes, l2 1e-6"]

    @staticmethod
    def scores(train, labels, weights, test, settings, seed):
        from vowpalwabbit import Workspace

        words = lambda text: plain(text).replace(":", " ").replace("|", " ")
        order = np.random.default_rng(seed).permutation(len(train))
        with tempfile.TemporaryDirectory() as folder:
            path = lambda name: os.path.join(folder, name)
            with open(path("train"), "w", encoding="utf-8") as out:
                out.writelines(f"{2 * labels[i] - 1} {weights[i]:.6f} |t {words(train[i])}\n" for i in order)
            with open(path("test"), "w", encoding="utf-8") as out:
                out.writelines(f"|t {words(text)}\n" for text in test)
            for setting in settings:
                passes, l2 = setting.split()[0], "--l2 1e-6" if "l2" in setting else ""
                Workspace(
                    f"-d {path('train')} -f {path('model')} --cache_file {path('cache')} -k --passes {passes} {l2} "
                    f"--holdout_off --loss_function logistic --ngram 3 -b 22 --quiet"
                ).finish()
                Workspace(f"-t -i {path('model')} -d {path('test')} -p {path('scores')} --quiet").finish()
                yield setting, np.array([float(line.split()[0]) for line in open(path("scores")) if line.strip()])


class LightGBM:
    name = "LightGBM on 128 SVD components of tf-idf 1-2-grams"
    grid = ["7 leaves, 300 rounds", "31 leaves, 100 rounds", "31 leaves, 300 rounds"]

    @staticmethod
    def scores(train, labels, weights, test, settings, seed):
        import lightgbm

        vectorizer = TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True, min_df=2)
        x = vectorizer.fit_transform(train)
        svd = TruncatedSVD(128, random_state=seed)
        x, held = svd.fit_transform(x), svd.transform(vectorizer.transform(test))
        for setting in settings:
            leaves, rounds = map(int, re.match(r"(\d+) leaves, (\d+) rounds", setting).groups())
            model = lightgbm.LGBMClassifier(
                num_leaves=leaves, n_estimators=rounds, learning_rate=0.05, n_jobs=1, random_state=seed, verbose=-1
            )
            yield setting, model.fit(x, labels, sample_weight=weights).predict(held, raw_score=True)


RIVALS = {"scikit-learn": ScikitLearn, "fasttext": FastText, "vowpal-wabbit": VowpalWabbit, "lightgbm": LightGBM}


def figures(labels, scores, weights):
    """Average precision, ROC AUC, and the recall at 1 % flagged honest postings."""
    false_positives, recall, _ = roc_curve(labels, scores, sample_weight=weights, drop_intermediate=False)
    at = recall[false_positives <= 0.01 + 1e-12].max()
    return (
        average_precision_score(labels, scores, sample_weight=weights),
        roc_auc_score(labels, scores, sample_weight=weights),
        at,
    )


def by_domain(rows, scores, of=None):
    """The figures of every domain that has both labels, of all rows or of some."""
    of = np.arange(len(rows.labels)) if of is None else of
    out = {}
    for domain in sorted(set(rows.domain[of])):
        here = rows.domain[of] == domain
        inside = of[here]
        if len(set(rows.labels[inside])) == 2:
            out[domain] = figures(rows.labels[inside], scores[here], rows.weight[inside])
    return out


def held_out(rival, rows, repeat, fold, seed):
    """The scores of the rows of an outer fold, the setting chosen inside its training part, and that setting."""
    inside, outside = (np.flatnonzero(m) for m in (rows.folds[:, repeat] != fold, rows.folds[:, repeat] == fold))
    texts = lambda some: [rows.texts[i] for i in some]
    scores = {setting: np.zeros(len(inside)) for setting in rival.grid}
    inner = StratifiedGroupKFold(INNER_FOLDS, shuffle=True, random_state=seed)
    for train, test in inner.split(inside, rows.labels[inside], rows.group[inside]):
        fit = inside[train]
        found = rival.scores(
            texts(fit), rows.labels[fit], rows.training_weights(fit), texts(inside[test]), rival.grid, seed
        )
        for setting, of_setting in found:
            scores[setting][test] = of_setting
    merit = lambda s: np.mean([f[0] for f in by_domain(rows, scores[s], inside).values()])
    best = max(rival.grid, key=merit)
    weights = rows.training_weights(inside)
    ((_, final),) = rival.scores(texts(inside), rows.labels[inside], weights, texts(outside), [best], seed)
    return outside, final, best


def nested_rows(options, protocol, only):
    """Runs lurescan's nested evaluation; its rows, checked against the figures it printed."""
    key = [options.lurescan, protocol, only, options.seeds, options.folds, options.blank, options.data]
    stem = f"{protocol}-{hashlib.sha256(json.dumps(key).encode()).hexdigest()[:8]}"
    path = pathlib.Path(options.work) / f"{stem}.jsonl"
    command = [options.lurescan, "eval", *options.data, "--nested", "--json", "--replicates", "10"]
    command += ["--protocol", protocol, "--folds", str(options.folds), "--repeats", str(options.seeds)]
    command += ["--scores", str(path)] + [x for field in options.blank for x in ("--blank", field)]
    command += ["--only", "text"] if only else []
    said = json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)
    rows = Rows(path)
    for repeat in range(options.seeds):
        for domain, (ap, auc, recall) in by_domain(rows, rows.logits[:, repeat]).items():
            names = {"average precision": ap, "ROC AUC": auc, "recall at 1 % FPR": recall}
            for name, ours in names.items():
                theirs = said["domains"][domain][name]["values"][repeat]
                if abs(ours - theirs) > 1e-6:
                    sys.exit(f"{domain}: lurescan says {name} {theirs}, its scores give {ours}: the rows are not the same")
    return rows


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", nargs="+", metavar="DATA")
    parser.add_argument("--seeds", type=int, default=3, help="repetitions, seeds counted up from 1")
    parser.add_argument("--folds", type=int, default=5, help="outer folds")
    parser.add_argument("--protocols", default="employer,near-duplicate,author-family,random", help="kinds of folds")
    parser.add_argument("--rivals", default=",".join(RIVALS), help="some of: " + ", ".join(RIVALS))
    parser.add_argument("--blank", action="append", default=[], help="a field to blank in every row; may be repeated")
    parser.add_argument("--jobs", type=int, default=os.cpu_count(), help="outer folds fitted at a time")
    parser.add_argument("--lurescan", required=True, help=argparse.SUPPRESS)
    parser.add_argument("--work", required=True, help=argparse.SUPPRESS)
    options = parser.parse_args()
    rivals = [RIVALS[name] for name in options.rivals.split(",")]
    print("| data | folds | program | average precision | ROC AUC | recall at 1 % FPR |\n|---|---|---|---|---|---|")
    chosen = defaultdict(Counter)
    for protocol in options.protocols.split(","):
        rows = nested_rows(options, protocol, False)
        text = nested_rows(options, protocol, True)
        runs = {"lurescan, both stages": [rows.logits[:, r] for r in range(options.seeds)]}
        runs["lurescan, text stage alone"] = [text.logits[:, r] for r in range(options.seeds)]
        for rival in rivals:
            runs[rival.name] = []
            for repeat, seed in enumerate(rows.seeds):
                parts = Parallel(options.jobs)(
                    delayed(held_out)(rival, rows, repeat, fold, seed) for fold in range(options.folds)
                )
                scores = np.zeros(len(rows.labels))
                for outside, of_fold, best in parts:
                    scores[outside] = of_fold
                    chosen[rival.name][best] += 1
                runs[rival.name].append(scores)
                print(f"{protocol} folds, seed {seed}: {rival.name}", file=sys.stderr)
        for domain in by_domain(rows, rows.logits[:, 0]):
            for name, of_seeds in runs.items():
                values = np.array([by_domain(rows, scores)[domain] for scores in of_seeds])
                spread = [f" ± {s:.3f}" for s in values.std(axis=0, ddof=1)] if len(values) > 1 else [""] * 3
                cells = " | ".join(f"{m:.3f}{s}" for m, s in zip(values.mean(axis=0), spread))
                print(f"| {domain} | {protocol} | {name} | {cells} |", flush=True)
    seeds = "One seed" if options.seeds == 1 else f"Mean and standard deviation over {options.seeds} seeds"
    print(f"\n{seeds}; {options.folds} outer folds. Settings chosen inside:")
    for name, counts in chosen.items():
        print(f"{name}: " + "; ".join(f"{setting} ({n})" for setting, n in counts.most_common()) + ".")


if __name__ == "__main__":
    main()
