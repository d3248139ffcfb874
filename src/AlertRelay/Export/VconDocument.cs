using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using EdgeAssist.AlertRelay.Baseline;

namespace EdgeAssist.AlertRelay.Export;

/// <summary>
/// A call as a vCon (draft-ietf-vcon-vcon-core-02, unsigned form): who was there, when, what was said and how it was scored. Words
/// are those of the journal, redacted before they ever left recognition; audio is not kept and so is not in it. The same call
/// gives the same octets.
/// </summary>
internal static class VconDocument
{
    /// <summary>Syntax of the draft.</summary>
    public const string Version = "0.4.0";

    private const string Vendor = "EdgeAssist";

    /// <param name="call">A call that ended.</param>
    /// <param name="personal">With numbers, addresses and names of the parties.</param>
    public static string ToJson(ObservedCall call, bool personal)
    {
        var legs = call.Info.Legs.OrderBy(leg => leg.Id).ToList();
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { Indented = true, Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            json.WriteStartObject();
            json.WriteString("vcon", Version);
            json.WriteString("uuid", Uuid("call\n" + call.Info.CallId));
            json.WriteString("created_at", Moment(call.EndedAt));
            if (call.Info.Team.Length > 0) json.WriteString("subject", $"Call of the team {call.Info.Team}");
            json.WriteStartArray("parties");
            foreach (var leg in legs) Party(json, call, leg, personal);
            json.WriteEndArray();
            json.WriteStartArray("dialog");
            Dialog(json, call, legs);
            json.WriteEndArray();
            json.WriteStartArray("analysis");
            Analysis(json, "transcript", "edgeassist-transcript-1", Transcript(call, legs));
            Analysis(json, "escalation", "edgeassist-escalation-1", Scores(call));
            json.WriteEndArray();
            json.WriteStartArray("attachments");
            json.WriteEndArray();
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.ToArray()) + "\n";
    }

    private static void Party(Utf8JsonWriter json, ObservedCall call, V1.Leg leg, bool personal)
    {
        json.WriteStartObject();
        var role = leg.Role switch { V1.PartyRole.Customer => "Customer", V1.PartyRole.Agent => "Agent", V1.PartyRole.Mixed => "Both parties", _ => "Unknown party" };
        json.WriteString("name", personal && leg.DisplayName.Length > 0 ? $"{leg.DisplayName} ({role.ToLowerInvariant()})" : role);
        if (personal && leg.Aor.StartsWith("sip", StringComparison.OrdinalIgnoreCase)) json.WriteString("sip", leg.Aor);
        if (personal && leg.Aor.StartsWith("tel:", StringComparison.OrdinalIgnoreCase)) json.WriteString("tel", leg.Aor);
        json.WriteString("uuid", Uuid(string.Create(CultureInfo.InvariantCulture, $"party\n{call.Info.CallId}\n{leg.Id}")));
        json.WriteEndObject();
    }

    private static void Dialog(Utf8JsonWriter json, ObservedCall call, List<V1.Leg> legs)
    {
        json.WriteStartObject();
        json.WriteString("type", "recording");
        json.WriteString("start", Moment(call.StartedAt));
        json.WriteNumber("duration", Math.Round(call.Duration.TotalSeconds, 3));
        json.WriteStartArray("parties");
        for (var i = 0; i < legs.Count; i++) json.WriteNumberValue(i);
        json.WriteEndArray();
        json.WriteStartArray("party_history");
        for (var i = 0; i < legs.Count; i++) History(json, i, call.StartedAt, "join");
        foreach (var (at, turn) in call.Turns.Where(turn => turn.Turn != CallTurn.Transfer))
        {
            for (var i = 0; i < legs.Count; i++) History(json, i, call.StartedAt + at, turn == CallTurn.Hold ? "hold" : "unhold");
        }

        for (var i = 0; i < legs.Count; i++) History(json, i, call.EndedAt, "drop");
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void History(Utf8JsonWriter json, int party, DateTimeOffset at, string what)
    {
        json.WriteStartObject();
        json.WriteNumber("party", party);
        json.WriteString("time", Moment(at));
        json.WriteString("event", what);
        json.WriteEndObject();
    }

    // The body of encoding "json" is text that holds JSON.
    private static void Analysis(Utf8JsonWriter json, string type, string schema, string body)
    {
        json.WriteStartObject();
        json.WriteString("type", type);
        json.WriteNumber("dialog", 0);
        json.WriteString("mediatype", "application/json");
        json.WriteString("vendor", Vendor);
        json.WriteString("schema", schema);
        json.WriteString("encoding", "json");
        json.WriteString("body", body);
        json.WriteEndObject();
    }

    private static string Transcript(ObservedCall call, List<V1.Leg> legs) => Body(json =>
    {
        json.WriteStartArray();
        foreach (var final in call.Finals)
        {
            json.WriteStartObject();
            json.WriteNumber("party", legs.FindIndex(leg => leg.Id == final.Leg));
            json.WriteNumber("start", Seconds(final.Start));
            json.WriteNumber("end", Seconds(final.End));
            json.WriteString("text", final.Text);
            json.WriteNumber("confidence", Math.Round(final.Confidence, 3));
            json.WriteEndObject();
        }

        json.WriteEndArray();
    });

    private static string Scores(ObservedCall call) => Body(json =>
    {
        json.WriteStartObject();
        json.WriteString("mode", call.Info.Mode == V1.PolicyMode.Observe ? "observe" : "assist");
        json.WriteStartArray("scores");
        foreach (var score in call.Scores)
        {
            json.WriteStartObject();
            json.WriteNumber("at", Seconds(score.At));
            json.WriteNumber("risk", Math.Round(score.Risk, 4));
            json.WriteString("level", score.Level.ToString().ToLowerInvariant());
            json.WriteStartArray("cues");
            foreach (var reason in score.Reasons) json.WriteStringValue(reason.Cue);
            json.WriteEndArray();
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteStartArray("alerts");
        foreach (var alert in call.Alerts)
        {
            json.WriteStartObject();
            json.WriteString("opened_at", Moment(alert.OpenedAt.ToDateTimeOffset()));
            json.WriteString("level", alert.Level.ToString().ToLowerInvariant());
            json.WriteBoolean("shown", alert.Mode != V1.PolicyMode.Observe);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    });

    private static string Body(Action<Utf8JsonWriter> write)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping })) write(json);
        return Encoding.UTF8.GetString(buffer.ToArray());
    }

    /// <summary>Version 8 (RFC 9562 §5.8): of our own making, here from SHA-256, so that the same call has the same.</summary>
    private static string Uuid(string of)
    {
        var octets = SHA256.HashData(Encoding.UTF8.GetBytes("edgeassist-vcon\n" + of)).AsSpan(0, 16);
        octets[6] = (byte)((octets[6] & 0x0F) | 0x80);
        octets[8] = (byte)((octets[8] & 0x3F) | 0x80);
        return new Guid(octets, bigEndian: true).ToString("D", CultureInfo.InvariantCulture);
    }

    private static string Moment(DateTimeOffset at) => at.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);

    private static double Seconds(Duration duration) => Math.Round(duration.ToTimeSpan().TotalSeconds, 3);
}
