using System.Globalization;
using EdgeAssist.Contracts;
using EdgeAssist.Training.Data;

namespace EdgeAssist.Training.Escalation;

/// <summary>The PriMock57 consultations as calls: real two-party talk with its own times, the patient as the customer.</summary>
internal static class Consultation
{
    /// <summary>Two thirds take part in the fit of the weights, by a hash of their name; the others are measured on alone.</summary>
    public static bool IsFitted(CallScript call) => StableHash.Of(call.Family) % 3 != 0;

    public static IEnumerable<CallScript> Calls(string data)
    {
        var rows = Csv.Read(Path.Combine(data, "primock57-transcripts", "dev.csv.gz"));
        foreach (var call in rows.GroupBy(row => row["call_id"], StringComparer.Ordinal))
        {
            var turns = call.Select(row => new ScriptTurn(row["role"] == "patient" ? PartyRole.Customer : PartyRole.Agent,
                Seconds(row["start"]), Seconds(row["end"]), row["text"], 0)).OrderBy(turn => turn.Start).ToList();
            yield return new CallScript(call.Key, CallOutcome.Calm, null, turns);
        }
    }

    private static TimeSpan Seconds(string text) => TimeSpan.FromSeconds(double.Parse(text, CultureInfo.InvariantCulture));
}
