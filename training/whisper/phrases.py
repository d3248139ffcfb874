"""What the micro Whisper may hear: a small call-centre vocabulary, sentences made of it, and those kept for measuring."""
import hashlib
import random

OPENINGS = ["hello", "yes", "no", "please", ""]
PATTERNS = [
    "i want to {act} my {thing}",
    "can you help me with my {thing}",
    "where is my {thing}",
    "let me speak to a {boss}",
    "i want to speak to your {boss}",
    "this is the {nth} time i call about my {thing}",
    "nobody can help me",
    "your service is {quality}",
    "i am very {mood} about this",
    "thank you for your help",
    "i will call my lawyer",
    "my number is {digits}",
    "you have charged me {n} times",
    "please {act} the {thing} today",
]
SLOTS = {
    "act": ["cancel", "change", "check"],
    "thing": ["account", "order", "refund", "bill"],
    "boss": ["manager", "supervisor"],
    "nth": ["second", "third"],
    "quality": ["terrible", "good"],
    "mood": ["angry", "happy"],
    "n": ["two", "three", "four"],
}
DIGITS = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"]


def words():
    """Every word, sorted: its place is its token."""
    found = set(DIGITS)
    for pattern in PATTERNS + OPENINGS:
        for word in pattern.split():
            found.update(SLOTS.get(word.strip("{}"), [] if word.startswith("{") else [word]))
    return sorted(found)


def held_out(text):
    """One sentence in eight is never trained on."""
    return hashlib.sha256(text.encode()).digest()[0] % 8 == 0


def sentence(dice: random.Random):
    """A sentence of the grammar, or now and then words in any order, so that the decoder must listen and not only guess."""
    if dice.random() < 0.5:
        return " ".join(dice.choice(words()) for _ in range(dice.choice([1, 1, 1, 2, 2, 3, 4, 6])))
    filled = []
    for word in (dice.choice(OPENINGS if dice.random() < 0.3 else [""]) + " " + dice.choice(PATTERNS)).split():
        slot = word.strip("{}")
        if word == "{digits}":
            filled += [dice.choice(DIGITS) for _ in range(dice.randint(3, 5))]
        else:
            filled.append(dice.choice(SLOTS[slot]) if word.startswith("{") else word)
    return " ".join(filled)
