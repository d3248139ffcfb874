using EdgeAssist.AlertRelay.Assist.Playbooks;
using EdgeAssist.AlertRelay.Tests.Support;
using Xunit;

namespace EdgeAssist.AlertRelay.Tests.Assist;

/// <summary>What an operator may write, and what they are told when they miss it.</summary>
public sealed class PlaybookReaderTests : IDisposable
{
    private const string Head = """
        library: ours
        owner: Care
        locale: en
        reviewed: 2026-11-27
        sources:
          leap: "LEAP"

        """;

    private const string Phrase = """
        phrases:
          - id: say-this
            version: 2
            situations: [asks_for_manager]
            title: "Say this"
            text: "I'll find out for you."
            when: "Always."
            when-not: "Never."
            sources: [leap]

        """;

    private const string Option = """
        options:
          - id: offer-this
            version: 1
            situations: [any]
            title: "Offer this"
            text: "Case {ticket.id} of {ticket.date}."
            when: "Always."
            when-not: "Never."
            sources: [leap]
            needs:
              - kind: ticket
                state: open

        """;

    private readonly TempDirectory _directory = new();

    [Fact]
    public void What_is_in_order_is_taken_whole()
    {
        var (entries, problems) = Read(Head + Phrase + Option);

        Assert.Empty(problems);
        Assert.Equal(["offer-this@1", "say-this@2"], entries.Select(entry => entry.Key).Order());
        Assert.Equal(("Care", "en", new DateOnly(2026, 11, 27)), (entries[0].Owner, entries[0].Locale, entries[0].Reviewed));
        Assert.Equal(["LEAP"], entries[0].Sources);
    }

    [Theory]
    [InlineData("    when: \"Always.\"", "    whn: \"Always.\"", 13, 5, "a phrase has no field whn. Write when?")]
    [InlineData("[asks_for_manager]", "[asks_for_manger]", 10, 18, "there is no situation asks_for_manger. Write asks_for_manager?")]
    [InlineData("    version: 2\n", "", 8, 5, "version is missing: write «version: 1», and count it up with every change of the text.")]
    [InlineData("version: 2", "version: two", 9, 14, "version is not a number from 1 to 10000.")]
    [InlineData("id: say-this", "id: Say This", 8, 9, "id is «Say This»: small letters, digits and dashes only.")]
    [InlineData("    sources: [leap]", "    sources: [lep]", 15, 15, "there is no source lep in this file. Write leap?")]
    [InlineData("    sources: [leap]\n", "", 8, 5, "sources is missing: name the practice it comes from, as defined under «sources» of the file.")]
    [InlineData("I'll find out", "Calm down, I'll find out", 12, 11, "«Calm down» tells the customer what to feel: name what you heard instead.")]
    [InlineData("for you.", "for {call.tem}.", 12, 11, "there is no slot {call.tem}. Write call.team? (character 19 of the text)")]
    [InlineData("for you.", "in {ticket.id}.", 12, 11, "{ticket.id} is a field of the history; a phrase has those of the call only. Make it an option.")]
    [InlineData("for you.", "for {call.team.", 12, 11, "a slot begins with { and does not end: write }. (character 19 of the text)")]
    public void A_phrase_that_is_wrong_is_told_with_its_place(string right, string wrong, long line, long column, string sentence) =>
        Wrong(Head + Phrase.Replace(right, wrong, StringComparison.Ordinal), line, column, sentence);

    [Theory]
    [InlineData("kind: ticket", "kind: tickets", 17, 15, "kind is «tickets». Write ticket?")]
    [InlineData("state: open", "state: opened", 18, 16, "state is «opened». Write open?")]
    [InlineData("state: open", "stat: open", 18, 9, "a condition has no field stat. Write state?")]
    [InlineData("state: open", "within-days: 0", 18, 22, "within-days is not a number from 1 to 3650.")]
    [InlineData("kind: ticket", "kind: order", 12, 11, "{ticket.id} is a field of a ticket, and no condition finds one: add «- kind: ticket» under needs.")]
    [InlineData("state: open", "none: true", 17, 7, "an option rests on the customer's history: name at least one condition that finds something, for example «- kind: ticket».")]
    public void A_condition_that_is_wrong_is_told_with_its_place(string right, string wrong, long line, long column, string sentence) =>
        Wrong(Head + Option.Replace(right, wrong, StringComparison.Ordinal), line, column, sentence);

    [Fact]
    public void What_is_no_yaml_is_told_where_it_ceases_to_be()
    {
        var (entries, problems) = Read(Head + "phrases: [\n");

        Assert.Empty(entries);
        Assert.Contains("is not YAML here", Assert.Single(problems).Sentence, StringComparison.Ordinal);
    }

    [Fact]
    public void Anchors_are_refused() => Assert.Contains("aliases", Read("library: &a x\nowner: *a\n").Problems.Single().Sentence, StringComparison.Ordinal);

    [Fact]
    public void A_bad_file_leaves_the_rest_in_force_and_an_entry_of_ours_can_be_replaced()
    {
        _directory.Write("a.yaml", Head + Phrase.Replace("say-this", "manager-both-ways", StringComparison.Ordinal));
        _directory.Write("b.yaml", Head + Phrase.Replace("version: 2", "version: x", StringComparison.Ordinal));
        _directory.Write("c.yaml", "library: [");

        var playbook = Playbook.Load(_directory.Path);

        Assert.Equal(Playbook.BuiltIn.Entries.Length, playbook.Entries.Length);
        Assert.Equal(2, playbook.Entries.Single(entry => entry.Id == "manager-both-ways").Version);
        Assert.Equal(2, playbook.Problems.Length);
    }

    [Fact]
    public void An_id_that_stands_twice_is_told_with_both_places()
    {
        _directory.Write("a.yaml", Head + Phrase);
        _directory.Write("b.yaml", Head + Phrase);

        var problem = Assert.Single(Playbook.Load(_directory.Path).Problems);

        Assert.Equal((8, 5), (problem.Line, problem.Column));
        Assert.EndsWith("b.yaml", problem.File, StringComparison.Ordinal);
        Assert.Contains("a.yaml:8", problem.Sentence, StringComparison.Ordinal);
    }

    [Fact]
    public void Files_are_read_again_when_they_change_and_a_problem_is_told_once()
    {
        var told = new List<PlaybookProblem>();
        var source = new PlaybookSource(_directory.Path, told.Add);
        source.Refresh();
        _directory.Write("a.yaml", Head + Phrase.Replace("version: 2", "version: x", StringComparison.Ordinal));

        source.Refresh();
        source.Refresh();
        Assert.Single(told);
        Assert.DoesNotContain(source.Current.Entries, entry => entry.Id == "say-this");
        _directory.Write("a.yaml", Head + Phrase);
        source.Refresh();

        Assert.Contains(source.Current.Entries, entry => entry.Id == "say-this");
        Assert.Empty(source.Current.Problems);
    }

    [Fact]
    public void A_locale_falls_back_step_by_step_and_says_to_what()
    {
        _directory.Write("de.yaml", (Head + Phrase).Replace("locale: en", "locale: de", StringComparison.Ordinal));
        var playbook = Playbook.Load(_directory.Path);

        Assert.Equal("de", playbook.In("de-AT", "en").Locale);
        Assert.Equal("en", playbook.In("fr", "en").Locale);
        Assert.Equal("", playbook.In("fr", "").Locale);
        Assert.Equal("say-this", Assert.Single(playbook.In("de-AT", "en").Entries).Id);
    }

    public void Dispose() => _directory.Dispose();

    private static (IReadOnlyList<PlaybookEntry> Entries, List<PlaybookProblem> Problems) Read(string text)
    {
        var problems = new List<PlaybookProblem>();
        return (PlaybookReader.Read("f.yaml", text, problems), problems);
    }

    private static void Wrong(string text, long line, long column, string sentence)
    {
        var (entries, problems) = Read(text);

        Assert.Empty(entries);
        Assert.Contains(problems, problem => problem.ToString() == $"f.yaml:{line}:{column}: {sentence}");
    }
}
