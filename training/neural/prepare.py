"""Chooses the rows the neural recipe trains and measures on, and writes them as spoken text."""
import pathlib
import random
import re
import sys

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

def rows(lines):
    random.seed(1)
    for line in lines:
        part, source, id_, labels, text = line.rstrip('\n').split('\t')
        text = norm(text) or 'hm'
        # Half of the forum's contented comments are enough.
        if source == 'goemotions' and part == 'train' and random.random() > 0.5 and '1' not in labels.split()[0] and '0.7' not in labels.split()[0]: continue
        if part == 'train' and random.random() < 0.4: text = strip(text)
        if source not in ('meld', 'uss'): yield part, source, id_, labels, text

def choose(all_rows):
    random.seed(3)
    most = {'tweet-sentiment': 99999, 'authored': 7000, 'banking77': 4000, 'primock57': 2500, 'bitext': 1500}
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
    with open(work / 'all.tsv') as file: picked = choose(list(rows(file)))
    with open(work / 'chosen.tsv', 'w') as file: file.writelines('\t'.join(row) + '\n' for row in picked)
    print(len(picked), 'rows chosen')
