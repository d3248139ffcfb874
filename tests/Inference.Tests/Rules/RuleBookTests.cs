using System.Text;
using EdgeAssist.Contracts;
using EdgeAssist.Inference.Escalation;
using EdgeAssist.Inference.Rules;
using EdgeAssist.Inference.Tests.Escalation;
using Xunit;

namespace EdgeAssist.Inference.Tests.Rules;

public sealed class RuleBookTests
{
    private const string Five = """
        {
          "version": 3,
          "about": "One rule of each kind.",
          "rules": [
            { "id": "direct-debit", "kind": "exact", "phrases": ["Cancel my direct debit"], "weight": 1.5 },
            { "id": "watchdog", "kind": "pattern", "role": "anyone", "pattern": "\\bwatch ?dog\\b", "weight": 2 },
            { "id": "refund-never", "kind": "proximity", "words": ["refund", "never"], "within": 5, "weight": 1 },
            { "id": "dead-air", "kind": "silence", "seconds": 20, "weight": 0.8 },
            { "id": "large-sum", "kind": "amount", "at_least": 500, "weight": 1.2, "half_life_seconds": 30 }
          ]
        }
        """;

    [Fact]
    public void Each_kind_hits_what_it_names_and_nothing_else()
    {
        Assert.Equal(["rule:direct-debit"], Cues("please cancel my direct debit, today"));
        Assert.Equal([], Cues("please cancel my direct debits"));
        Assert.Equal(["rule:watchdog"], Cues("I shall tell the watchdog"));
        Assert.Equal(["rule:refund-never"], Cues("the refund you promised never came"));
        Assert.Equal([], Cues("the refund came and I was told that it would never ever happen again"));
        Assert.Equal(["rule:large-sum"], Cues("you took two thousand five hundred pounds"));
        Assert.Equal([], Cues("you took ninety nine pounds and I am five hundred miles away"));
    }

    [Fact]
    public void Silence_is_told_once_a_stretch()
    {
        var call = new ScoredCall(options: new EscalationOptions { Rules = Book(Five) }).Hears(3, 0.1f).Hears(19, 0);
        Assert.DoesNotContain(call.Current.Reasons, r => r.Cue == "rule:dead-air");

        call.Hears(2, 0);
        var told = Assert.Single(call.Current.Reasons, r => r.Cue == "rule:dead-air").At;
        call.Hears(40, 0);

        Assert.All(call.Told.SelectMany(s => s.Reasons).Where(r => r.Cue == "rule:dead-air"), r => Assert.Equal(told, r.At));
    }

    [Fact]
    public void A_hit_adds_its_weight_to_the_log_odds_and_fades()
    {
        var (plain, ruled) = (new ScoredCall(), new ScoredCall(options: new EscalationOptions { Rules = Book(Five) }));

        plain.Says("it was 800 dollars");
        ruled.Says("it was 800 dollars");
        var added = Logit(ruled.Current.Risk) - Logit(plain.Current.Risk);
        plain.Hears(18, 0);
        ruled.Hears(18, 0);
        var left = Logit(ruled.Current.Risk) - Logit(plain.Current.Risk);

        Assert.InRange(added, 1.1, 1.2);   // two seconds after the utterance began
        Assert.InRange(left, 1.2 * 0.6, 1.2 * 0.66);   // 2 to the power of −20/30
    }

    [Fact]
    public void The_agents_words_hit_only_rules_that_look_at_them()
    {
        var call = new ScoredCall(options: new EscalationOptions { Rules = Book(Five) });

        call.Says("the refund never came to the watchdog", leg: 1);

        Assert.Equal(["rule:watchdog"], call.Current.Reasons.Where(r => r.Cue.StartsWith("rule:", StringComparison.Ordinal)).Select(r => r.Cue));
    }

    [Theory]
    [InlineData("""{ "version": 1, "rules": [ { "id": "a", "kind": "exact", "phrases": [], "weight": 1 } ] }""", "rules[0] \"a\", phrases: name at least 1")]
    [InlineData("""{ "version": 1, "rules": [ { "id": "A b", "kind": "exact", "phrases": ["x"], "weight": 1 } ] }""", "rules[0] \"A b\", id:")]
    [InlineData("""{ "version": 1, "rules": [ { "id": "a", "kind": "pattern", "pattern": "(", "weight": 1 } ] }""", "rules[0] \"a\", pattern:")]
    [InlineData("""{ "version": 1, "rules": [ { "id": "a", "kind": "pattern", "pattern": "(?=x)y", "weight": 1 } ] }""", "rules[0] \"a\", pattern:")]
    [InlineData("""{ "version": 1, "rules": [ { "id": "a", "kind": "proximity", "words": ["x", "two words"], "within": 4, "weight": 1 } ] }""", "words[1]: \"two words\" is more than one word")]
    [InlineData("""{ "version": 1, "rules": [ { "id": "a", "kind": "silence", "weight": 1 } ] }""", "seconds: 0 is outside")]
    [InlineData("""{ "version": 1, "rules": [ { "id": "a", "kind": "amount", "at_least": 5, "weight": 11 } ] }""", "weight: 11 is outside")]
    [InlineData("""{ "version": 1, "rules": [ { "id": "a", "kind": "amount", "at_least": 5, "weight": 1 }, { "id": "a", "kind": "amount", "at_least": 5, "weight": 1 } ] }""", "rules[1] \"a\", id: this name is taken")]
    [InlineData("""{ "version": 0, "rules": [] }""", "version: 0")]
    [InlineData("{ \"version\": 1,\n \"rules\": [\n { \"id\": \"a\", \"kindd\": \"exact\" } ] }", "line 3, rules[0]")]
    [InlineData("{ \"version\": 1,\n \"rules\": [\n { \"id\": \"a\", \"kind\": \"loud\", \"weight\": 1 } ] }", "line 3, rules[0].kind")]
    [InlineData("{", "line 1")]
    public void A_file_that_cannot_be_used_is_refused_with_the_place(string json, string place)
    {
        var refusal = Assert.Throws<RuleException>(() => Book(json));

        Assert.StartsWith("the test's rules", refusal.Message, StringComparison.Ordinal);
        Assert.Contains(place, refusal.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", 0)]
    [InlineData("it cost $1,200.50 last week", 1200.5)]
    [InlineData("I paid 500 euros and then 700 euros", 700)]
    [InlineData("a hundred and fifty pounds", 150)]
    [InlineData("three thousand dollars", 3000)]
    [InlineData("two thousand five hundred quid", 2500)]
    [InlineData("five hundred miles for ten pounds", 10)]
    [InlineData("account one two three", 0)]
    public void Sums_are_read_from_digits_and_from_words(string text, double sum) => Assert.Equal(sum, MoneyAmounts.Largest(text));

    private static string[] Cues(string said)
    {
        var rules = new CallRules(Book(Five));
        rules.OnFinal(new TranscriptSegment { Leg = new LegId(0), Role = PartyRole.Customer, Utterance = 1, Text = said, IsFinal = true, Start = TimeSpan.Zero, End = TimeSpan.FromSeconds(2) }, PartyRole.Customer);
        return [.. rules.Hits.Select(hit => hit.Rule.Cue)];
    }

    private static RuleBook Book(string json) => RuleBook.Parse(Encoding.UTF8.GetBytes(json), "the test's rules");

    private static double Logit(double p) => Math.Log(p / (1 - p));
}
