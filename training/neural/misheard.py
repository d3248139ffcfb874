"""What the recogniser mishears as what, learnt from sentences it was given, and text with such errors."""
import collections
import random

SEEN_OFTEN_ENOUGH = 4

def align(said, heard):
    """Pairs (word said, words heard for it) of one of the shortest explanations of the difference."""
    n, m = len(said), len(heard)
    cost = [[i + j if i * j == 0 else 0 for j in range(m + 1)] for i in range(n + 1)]
    for i in range(1, n + 1):
        for j in range(1, m + 1):
            cost[i][j] = min(cost[i - 1][j - 1] + (said[i - 1] != heard[j - 1]), cost[i - 1][j] + 1, cost[i][j - 1] + 1)
    pairs, i, j, more = [], n, m, []
    while i:
        if j and cost[i][j] == cost[i - 1][j - 1] + (said[i - 1] != heard[j - 1]):
            pairs.append((said[i - 1], ' '.join([heard[j - 1]] + more)))
            i, j, more = i - 1, j - 1, []
        elif cost[i][j] == cost[i - 1][j] + 1:
            pairs.append((said[i - 1], ' '.join(more)))
            i, more = i - 1, []
        else:
            j -= 1
            more.insert(0, heard[j])
    return pairs[::-1]

class Misheard:
    """Words go through what was heard for them; seldom words through a word of the same beginning, as often as words are misheard."""
    def __init__(self, pairs):
        self.outcomes, self.beginnings = collections.defaultdict(list), collections.defaultdict(list)
        wrong = dropped = all_ = 0
        for said, heard in pairs:
            for word, outcome in align(said.split(), heard.split()):
                self.outcomes[word].append(outcome)
                all_ += 1
                wrong += outcome != word
                dropped += outcome == ''
        for word in sorted(self.outcomes): self.beginnings[word[:2]].append(word)
        self.rate, self.dropped = wrong / all_, dropped / max(1, wrong)

    def word(self, word):
        if len(self.outcomes.get(word, ())) >= SEEN_OFTEN_ENOUGH: return random.choice(self.outcomes[word])
        if random.random() >= self.rate: return word
        return '' if random.random() < self.dropped else random.choice(self.beginnings.get(word[:2], [word]))

    def text(self, text):
        """A sentence as it might be heard; marks stay at the words that are left."""
        heard = []
        for token in text.split():
            bare = token.rstrip('.,!?')
            outcome = self.word(bare)
            if outcome: heard.append(outcome + token[len(bare):])
        return ' '.join(heard) or text
