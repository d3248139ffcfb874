"""Chooses the rows the neural recipe trains and measures on, and writes them as spoken text, part of it as misheard."""
import hashlib
import pathlib
import random
import re
import sys

from misheard import Misheard

# Of the training rows so many lose their marks and so many are misheard; of the questions to a bank so many are not learnt from.
UNMARKED, MISHEARD, SPARED = .4, .25, .2
HEARD = pathlib.Path(__file__).with_name('heard.tsv')

def norm(t):
    """As SpokenText in src/Inference/Sentiment."""
    t = re.sub(r'(https?://|www\.)\S+', ' ', t)
    t = re.sub(r'<\S*>|\[NAME\]|\[RELIGION\]', ' ', t)
    t = re.sub(r'@\w+', ' ', t)
    t = t.lower().replace('’', "'").replace('‘', "'").replace('`', "'")
    t = t.replace('#', ' ').replace('&amp;', ' and ')
    t = ''.join(c if c.isalnum() or c in " '.,!?" else ' ' for c in t)
    t = re.sub(r'([.!?,])[.!?, ]+', r'\1 ', t)
    t = re.sub(r"(.)\1{2,}", r'\1\1', t)
    return re.sub(r'\s+', ' ', t).strip()

def strip(t):
    """Recognisers leave marks out."""
    return re.sub(r'\s+', ' ', re.sub(r'[.,!?]', ' ', t)).strip()

def heard_rows(lines):
    """Rows of text-heard: (part, source, id, labels, said, heard), as spoken text."""
    for line in lines:
        part, source, id_, labels, said, heard = line.rstrip('\n').split('\t')
        yield part, source, id_, labels, norm(said), norm(heard)

def rows(lines, heard):
    random.seed(1)
    misheard = Misheard((strip(said), strip(as_heard)) for part, _, _, _, said, as_heard in heard if part == 'train')
    print(f'misheard: {misheard.rate:.1%} of the words')
    for part, source, id_, labels, said, as_heard in heard:
        if part == 'train' and source == 'authored' and as_heard: yield part, source, id_, labels, as_heard
    for line in lines:
        part, source, id_, labels, text = line.rstrip('\n').split('\t')
        text = norm(text) or 'hm'
        # Half of the forum's contented comments are enough.
        if source == 'goemotions' and part == 'train' and random.random() > 0.5 and '1' not in labels.split()[0] and '0.7' not in labels.split()[0]: continue
        # Calm questions that nothing is learnt from: the offsets are set on them.
        if part == 'train' and source == 'banking77' and random.random() < SPARED: part = 'spared'
        if part == 'train' and random.random() < MISHEARD: text = misheard.text(text)
        if part == 'train' and random.random() < UNMARKED: text = strip(text)
        if source not in ('meld', 'uss'): yield part, source, id_, labels, text

def choose(all_rows):
    random.seed(3)
    most = {'tweet-sentiment': 99999, 'authored': 10000, 'banking77': 4000, 'primock57': 2500, 'bitext': 1500}
    groups = {}
    for i, row in enumerate(all_rows): groups.setdefault(row[:2], []).append(i)
    chosen = []
    for (part, source), places in groups.items():
        if part == 'train' and source == 'goemotions':
            upset = [i for i in places if all_rows[i][3].split()[0] in ('1', '0.7') or all_rows[i][3].split()[1] in ('1', '0.8')]
            known = set(upset)
            other = [i for i in places if i not in known]
            random.shuffle(upset)
            random.shuffle(other)
            chosen += upset[:8000] + other[:8000]
        elif part == 'train':
            random.shuffle(places)
            chosen += places[:most[source]]
        elif part == 'held':
            random.shuffle(places)
            chosen += places[:1100]
        elif source == 'airline':
            random.shuffle(places)
            chosen += places[:2500]
        else: chosen += places
    random.shuffle(chosen)
    return [all_rows[i] for i in chosen]

if __name__ == '__main__':
    work = pathlib.Path(sys.argv[1])
    with open(HEARD) as file: heard = list(heard_rows(file))
    with open(work / 'all.tsv') as file: picked = choose(list(rows(file, heard)))
    with open(work / 'chosen.tsv', 'w') as file: file.writelines('\t'.join(row) + '\n' for row in picked)
    for name in ('all.tsv', 'chosen.tsv'): print(name, 'SHA-256', hashlib.sha256((work / name).read_bytes()).hexdigest())
    print(len(picked), 'rows chosen')
