using EdgeAssist.EndToEnd.Tests.Support;
using Xunit;

namespace EdgeAssist.EndToEnd.Tests;

/// <summary>The log of whole calls, from the INVITE to the last word, at the level Debug: nobody's name, number or words are in it.</summary>
[Collection(PlayedCallsDefinition.Name)]
public sealed class LogLeakTests(PlayedCalls calls)
{
    [Fact]
    public async Task No_number_address_or_name_of_a_party_is_logged()
    {
        await calls.EscalationAsync();

        string[] secrets =
        [
            .. calls.Sample.Parties.SelectMany(party => (string[])[party.Aor, party.Aor.Split(':', '@')[1], party.Name, .. party.Name.Split(' ')]),
            Recordings.CustomerNumber, "frank", "Olivia",
        ];
        AssertAbsent(secrets.Concat(secrets.Where(secret => secret.StartsWith('+')).Select(number => number[1..])));
    }

    [Fact]
    public async Task Nothing_that_was_said_is_logged()
    {
        var call = await calls.EscalationAsync();

        // Three words in a row: single words such as «account» belong to any log.
        var spoken = calls.Sample.Turns.Select(turn => turn.Text).Concat(call.Finals.Select(final => final.Value.Text));
        var phrases = spoken.SelectMany(text =>
        {
            var words = text.Split(' ');
            return Enumerable.Range(0, Math.Max(0, words.Length - 2)).Select(i => string.Join(' ', words[i..(i + 3)]));
        }).Distinct().ToList();
        Assert.InRange(phrases.Count, 150, 2000);
        AssertAbsent(phrases);
    }

    private void AssertAbsent(IEnumerable<string> secrets)
    {
        var lines = calls.Direct.Log.Lines.Concat(calls.Apart.Log.Lines).Select(line => line.Everything).ToList();
        Assert.InRange(lines.Count, 50, int.MaxValue);
        Assert.Contains(lines, line => line.Contains("Analysis of call", StringComparison.Ordinal));
        foreach (var secret in secrets) Assert.DoesNotContain(lines, line => line.Contains(secret, StringComparison.OrdinalIgnoreCase));
    }
}
