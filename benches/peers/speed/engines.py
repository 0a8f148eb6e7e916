"""The rivals: each is fitted once, and then scores a JSONL feed to lines of id and score.

    engines.py fit NAME TRAIN.jsonl MODEL
    engines.py score NAME MODEL FEED.jsonl OUT

All read JSON by orjson, the fastest reader that Python has, and take postings in batches. Each is given its text in the
cheapest form that it accepts, so nothing is lower-cased or cut for a rival that does not do it itself.
"""

import os
import pickle
import sys

import orjson

FIELDS = ["title", "salary", "description", "requirements", "benefits", "company_profile"]
BATCH = 2000


def text(posting):
    return " ".join([posting[f] for f in FIELDS if f in posting])


def batches(path):
    ids, texts = [], []
    with open(path, "rb") as feed:
        for line in feed:
            posting = orjson.loads(line)
            ids.append(posting["id"])
            texts.append(text(posting))
            if len(ids) == BATCH:
                yield ids, texts
                ids, texts = [], []
    if ids:
        yield ids, texts


def labelled(path):
    postings = [orjson.loads(line) for line in open(path, "rb")]
    return [text(p) for p in postings], [p["label"] for p in postings]


class ScikitLearn:
    def __init__(self, vectorizer):
        self.vectorizer = vectorizer

    def fit(self, train, model):
        from sklearn.linear_model import LogisticRegression

        texts, labels = labelled(train)
        fitted = LogisticRegression(C=30, solver="liblinear").fit(self.vectorizer.fit_transform(texts), labels)
        pickle.dump((self.vectorizer, fitted), open(model, "wb"))

    @staticmethod
    def score(model, feed, out):
        vectorizer, fitted = pickle.load(open(model, "rb"))
        with open(out, "w", encoding="utf-8") as lines:
            for ids, texts in batches(feed):
                scores = fitted.decision_function(vectorizer.transform(texts)).tolist()
                lines.writelines(f"{i}\t{s}\n" for i, s in zip(ids, scores))


def tfidf():
    from sklearn.feature_extraction.text import TfidfVectorizer

    return ScikitLearn(TfidfVectorizer(ngram_range=(1, 3), sublinear_tf=True, min_df=2))


def hashing():
    from sklearn.feature_extraction.text import HashingVectorizer

    return ScikitLearn(HashingVectorizer(ngram_range=(1, 2), n_features=2**20, alternate_sign=False))


class FastText:
    """Single words and pairs, as in its own tutorials."""

    @staticmethod
    def line(text):
        return text.replace("\n", " ") + "\n"

    def fit(self, train, model):
        import fasttext

        texts, labels = labelled(train)
        path = model + ".train"
        with open(path, "w", encoding="utf-8") as out:
            out.writelines(f"__label__{label} {self.line(text)}" for text, label in zip(texts, labels))
        fasttext.train_supervised(path, wordNgrams=2, epoch=25, lr=0.5, dim=16, thread=1, verbose=0).save_model(model)

    def score(self, model, feed, out):
        import fasttext

        fitted = fasttext.load_model(model).f
        with open(out, "w", encoding="utf-8") as lines:
            for ids, texts in batches(feed):
                found, probabilities = fitted.multilinePredict([self.line(t) for t in texts], 1, 0.0, "strict")
                lines.writelines(f"{i}\t{f[0]}\t{p[0]}\n" for i, f, p in zip(ids, found, probabilities))


class VowpalWabbit:
    """Single words and pairs; it reads the postings from a file in its own format, as its program does."""

    @staticmethod
    def line(text):
        return "|t " + text.replace("\n", " ").replace(":", " ").replace("|", " ") + "\n"

    def fit(self, train, model):
        from vowpalwabbit import Workspace

        texts, labels = labelled(train)
        path = model + ".train"
        with open(path, "w", encoding="utf-8") as out:
            out.writelines(f"{2 * label - 1} {self.line(text)}" for text, label in zip(texts, labels))
        Workspace(
            f"-d {path} -f {model} --cache_file {path}.cache -k --passes 5 --holdout_off --loss_function logistic "
            "--ngram 2 -b 20 --quiet"
        ).finish()

    def score(self, model, feed, out):
        from vowpalwabbit import Workspace

        ids, path = [], out + ".vw"
        with open(path, "w", encoding="utf-8") as lines:
            for of_batch, texts in batches(feed):
                ids += of_batch
                lines.writelines(self.line(t) for t in texts)
        Workspace(f"-t -i {model} -d {path} -p {path}.scores --quiet").finish()
        with open(out, "w", encoding="utf-8") as lines, open(path + ".scores", encoding="utf-8") as scores:
            lines.writelines(f"{i}\t{s}" for i, s in zip(ids, scores))
        os.remove(path)


ENGINES = {"tfidf": tfidf, "hashing": hashing, "fasttext": FastText, "vowpal-wabbit": VowpalWabbit}


if __name__ == "__main__":
    what, name, *arguments = sys.argv[1:]
    engine = ScikitLearn(None) if what == "score" and name in ("tfidf", "hashing") else ENGINES[name]()
    (engine.fit if what == "fit" else engine.score)(*arguments)
