using EdgeAssist.AlertRelay.Assist.Playbooks;
using Xunit;

namespace EdgeAssist.AlertRelay.Tests.Assist;

/// <summary>Our own library: what makes an entry fit for somebody who reads it with one eye while a customer is angry.</summary>
public sealed class LibraryTests
{
    public static TheoryData<string> Cues => [.. Situations.Cues];

    private static IEnumerable<PlaybookEntry> Phrases => Playbook.BuiltIn.Entries.Where(entry => entry.Kind == V1.EntryKind.Phrase);

    private static IEnumerable<PlaybookEntry> Options => Playbook.BuiltIn.Entries.Where(entry => entry.Kind == V1.EntryKind.Option);

    [Fact]
    public void It_is_in_order_and_large_enough()
    {
        Assert.Empty(Playbook.BuiltIn.Problems);
        Assert.True(Phrases.Count() >= 60, $"{Phrases.Count()} phrases");
        Assert.True(Options.Count() >= 25, $"{Options.Count()} options");
    }

    [Theory]
    [MemberData(nameof(Cues))]
    public void Every_cue_has_at_least_two_phrases_of_its_own(string cue) =>
        Assert.True(Phrases.Count(entry => entry.Situations.Contains(cue)) >= 2, cue);

    [Fact]
    public void Every_entry_says_who_answers_for_it_when_it_is_for_and_when_it_is_not()
    {
        Assert.All(Playbook.BuiltIn.Entries, entry =>
        {
            Assert.Equal("EdgeAssist", entry.Owner);
            Assert.Equal(1, entry.Version);
            Assert.Equal("en", entry.Locale);
            Assert.NotEmpty(entry.Sources);
            Assert.True(entry.WhenToUse.Length > 15 && entry.WhenNot.Length > 10, entry.Id);
        });
    }

    [Fact]
    public void Every_text_can_be_said_in_a_breath_or_two()
    {
        Assert.All(Playbook.BuiltIn.Entries, entry =>
        {
            var sentences = entry.Text.Raw.Split(['.', '?', '!'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
            Assert.True(sentences.Max(sentence => sentence.Split(' ').Length) <= 30, $"{entry.Id}: a sentence of more than 30 words");
            Assert.True(entry.Text.Raw.Split(' ').Length <= 50, $"{entry.Id}: more than 50 words");
            Assert.True(char.IsUpper(entry.Text.Raw[0]) && entry.Text.Raw[^1] is '.' or '?', entry.Id);
        });
    }

    [Fact]
    public void No_text_stands_twice()
    {
        var texts = Playbook.BuiltIn.Entries.Select(entry => entry.Text.Raw).ToList();

        Assert.Equal(texts.Count, texts.Distinct(StringComparer.OrdinalIgnoreCase).Count());
    }

    [Theory]
    [InlineData("Please calm down and tell me.")]
    [InlineData("There's no need to be upset.")]
    [InlineData("You need to understand how this works.")]
    [InlineData("I guarantee you will have it tomorrow.")]
    [InlineData("I promise to call you.")]
    [InlineData("That is our policy.")]
    [InlineData("There is nothing I can do.")]
    [InlineData("Trust me, this is your last chance.")]
    public void What_nobody_should_say_is_not_taken(string text) => Assert.NotNull(Wording.Refuse(text));

    [Fact]
    public void Every_option_has_a_slot_or_a_condition_that_finds_something()
    {
        Assert.All(Options, entry => Assert.Contains(entry.Needs, need => !need.None));
        Assert.All(Phrases, entry => Assert.DoesNotContain(entry.Text.Slots, slot => slot.Of != Slot.Call));
    }

    /// <summary>The cues are Inference's to name; the two lists are kept in step here.</summary>
    [Fact]
    public void The_situations_are_the_cues_that_speak_for_escalation()
    {
        var source = File.ReadAllText(Path.Combine(Repository.Root, "src", "Inference", "Escalation", "Cue.cs"));
        var words = source.Split('\n').Where(line => line.Contains("=> \"", StringComparison.Ordinal)).Select(line => line.Split('"')[1]);

        // These calm, or count nothing.
        string[] noSituation = ["customer_thanks", "agent_empathy", "agent_resolution", "long_silence"];
        Assert.Equal(words.Except(noSituation).Order(), Situations.Cues.Order());
    }
}

/// <summary>The checkout the tests were built from.</summary>
internal static class Repository
{
    public static string Root { get; } = Find();

    private static string Find()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "EdgeAssist.sln"))) return folder.FullName;
        }

        throw new DirectoryNotFoundException("The tests do not run inside the checkout.");
    }
}
