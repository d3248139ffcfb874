using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using EdgeAssist.AlertRelay.Baseline;
using EdgeAssist.AlertRelay.Export;
using Google.Protobuf.WellKnownTypes;
using Xunit;

namespace EdgeAssist.AlertRelay.Tests.Export;

/// <summary>The unsigned form against the draft's rules for each object, and signatures against the keys.</summary>
public sealed class VconTests
{
    private static readonly DateTimeOffset Start = new(2026, 3, 2, 9, 0, 0, TimeSpan.Zero);

    [Fact]
    public void The_document_keeps_the_drafts_rules()
    {
        using var vcon = JsonDocument.Parse(VconDocument.ToJson(Call(), personal: true));
        var root = vcon.RootElement;

        // draft-ietf-vcon-vcon-core-02 §4.1: required and typed parameters; nothing that the draft does not know without an extension.
        Known(root, "vcon", "uuid", "created_at", "subject", "parties", "dialog", "analysis", "attachments");
        Assert.Equal("0.4.0", root.GetProperty("vcon").GetString());
        Assert.Equal('8', root.GetProperty("uuid").GetString()![14]);   // version 8
        Moment(root.GetProperty("created_at"));
        var parties = root.GetProperty("parties").EnumerateArray().ToList();
        Assert.All(parties, party => Known(party, "tel", "stir", "mailto", "name", "sip", "uuid"));
        Assert.Equal("sip:anna@pbx", parties[1].GetProperty("sip").GetString());
        foreach (var dialog in root.GetProperty("dialog").EnumerateArray())
        {
            Known(dialog, "type", "start", "duration", "parties", "party_history");
            Assert.Contains(dialog.GetProperty("type").GetString(), (string[])["recording", "text", "transfer", "incomplete"]);
            Moment(dialog.GetProperty("start"));
            Assert.Equal(95, dialog.GetProperty("duration").GetDouble());
            Assert.All(dialog.GetProperty("parties").EnumerateArray(), index => Assert.InRange(index.GetInt32(), 0, parties.Count - 1));
            var history = dialog.GetProperty("party_history").EnumerateArray().ToList();
            Assert.All(history, each => Assert.Contains(each.GetProperty("event").GetString(), (string[])["join", "drop", "hold", "unhold", "mute", "unmute", "keydown", "keyup"]));
            Assert.Equal(history.Select(each => each.GetProperty("time").GetDateTimeOffset()).Order(), history.Select(each => each.GetProperty("time").GetDateTimeOffset()));
            Assert.Equal(2, history.Count(each => each.GetProperty("event").GetString() == "hold"));
        }

        foreach (var analysis in root.GetProperty("analysis").EnumerateArray())
        {
            Known(analysis, "type", "dialog", "mediatype", "vendor", "schema", "encoding", "body");
            Assert.NotEmpty(analysis.GetProperty("vendor").GetString()!);
            Assert.Equal("json", analysis.GetProperty("encoding").GetString());
            Assert.InRange(analysis.GetProperty("dialog").GetInt32(), 0, root.GetProperty("dialog").GetArrayLength() - 1);
            using var body = JsonDocument.Parse(analysis.GetProperty("body").GetString()!);
        }
    }

    [Fact]
    public void The_transcript_names_parties_by_their_place_and_scores_come_with_their_cues()
    {
        using var vcon = JsonDocument.Parse(VconDocument.ToJson(Call(), personal: false));
        var bodies = vcon.RootElement.GetProperty("analysis").EnumerateArray().ToDictionary(each => each.GetProperty("type").GetString()!, each => JsonDocument.Parse(each.GetProperty("body").GetString()!).RootElement);

        Assert.Equal([(1, "how can I help"), (0, "my card number is [card]")], bodies["transcript"].EnumerateArray().Select(turn => (turn.GetProperty("party").GetInt32(), turn.GetProperty("text").GetString()!)));
        Assert.Equal("observe", bodies["escalation"].GetProperty("mode").GetString());
        Assert.Equal("long_wait", bodies["escalation"].GetProperty("scores")[0].GetProperty("cues")[0].GetString());
        Assert.False(bodies["escalation"].GetProperty("alerts")[0].GetProperty("shown").GetBoolean());
    }

    [Fact]
    public void The_same_call_gives_the_same_octets_and_nothing_personal_unless_asked_for()
    {
        var plain = VconDocument.ToJson(Call(), personal: false);

        Assert.Equal(plain, VconDocument.ToJson(Call(), personal: false));
        foreach (var personal in (string[])["Erika", "Anna", "+4930", "sip:"])
        {
            Assert.DoesNotContain(personal, plain, StringComparison.Ordinal);
            Assert.Contains(personal, VconDocument.ToJson(Call(), personal: true), StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("RS256")]
    [InlineData("ES256")]
    [InlineData("ES384")]
    public void A_signature_is_one_over_header_and_payload_as_RFC_7515_says(string algorithm)
    {
        using var rsa = RSA.Create(2048);
        using var ec = ECDsa.Create(algorithm == "ES384" ? ECCurve.NamedCurves.nistP384 : ECCurve.NamedCurves.nistP256);
        var vcon = VconDocument.ToJson(Call(), personal: false);

        using var signed = JsonDocument.Parse(VconSignature.Sign(vcon, algorithm == "RS256" ? rsa.ExportPkcs8PrivateKeyPem() : ec.ExportPkcs8PrivateKeyPem()));

        var (payload, one) = (signed.RootElement.GetProperty("payload").GetString()!, Assert.Single(signed.RootElement.GetProperty("signatures").EnumerateArray()));
        var header = one.GetProperty("protected").GetString()!;
        Assert.Equal(vcon, Encoding.UTF8.GetString(Base64Url.DecodeFromChars(payload)));
        using var alg = JsonDocument.Parse(Base64Url.DecodeFromChars(header));
        Assert.Equal(algorithm, alg.RootElement.GetProperty("alg").GetString());
        var (input, signature) = (Encoding.ASCII.GetBytes(header + "." + payload), Base64Url.DecodeFromChars(one.GetProperty("signature").GetString()));
        bool Verifies(byte[] data) => algorithm switch
        {
            "RS256" => rsa.VerifyData(data, signature, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1),
            "ES256" => ec.VerifyData(data, signature, HashAlgorithmName.SHA256),
            _ => ec.VerifyData(data, signature, HashAlgorithmName.SHA384),
        };
        Assert.True(Verifies(input));
        input[^1] ^= 1;
        Assert.False(Verifies(input));
    }

    [Fact]
    public void A_key_that_cannot_sign_is_refused_with_what_is_wrong()
    {
        using var weak = RSA.Create(1024);

        Assert.Contains("1024 bits", Assert.Throws<InvalidDataException>(() => VconSignature.Sign("{}", weak.ExportPkcs8PrivateKeyPem())).Message, StringComparison.Ordinal);
        Assert.Contains("no RSA or EC private key", Assert.Throws<InvalidDataException>(() => VconSignature.Sign("{}", "nonsense")).Message, StringComparison.Ordinal);
    }

    private static void Known(JsonElement element, params string[] names) => Assert.All(element.EnumerateObject(), member => Assert.Contains(member.Name, names));

    private static void Moment(JsonElement element) => Assert.Equal(TimeSpan.Zero, element.GetDateTimeOffset().Offset);

    private static ObservedCall Call() => new()
    {
        Info = new V1.Call
        {
            CallId = "c1", Team = "billing", Agent = "anna", Customer = "+49305550100", Mode = V1.PolicyMode.Observe, EndReason = "hangup",
            StartedAt = Timestamp.FromDateTimeOffset(Start), EndedAt = Timestamp.FromDateTimeOffset(Start.AddSeconds(95)),
            Legs =
            {
                new V1.Leg { Id = 0, Role = V1.PartyRole.Customer, Aor = "sip:+49305550100@pbx", DisplayName = "Erika" },
                new V1.Leg { Id = 1, Role = V1.PartyRole.Agent, Aor = "sip:anna@pbx", DisplayName = "Anna" },
            },
        },
        EndOffset = 9,
        Finals = [Final(1, 1, "how can I help"), Final(0, 4, "my card number is [card]")],
        Scores = [new V1.Score { Risk = 0.8, Level = V1.Level.Escalated, At = Duration.FromTimeSpan(TimeSpan.FromSeconds(5)), Reasons = { new V1.Reason { Cue = "long_wait" } } }],
        Alerts = [new V1.Alert { AlertId = "a", Mode = V1.PolicyMode.Observe, Level = V1.Level.Escalated, OpenedAt = Timestamp.FromDateTimeOffset(Start.AddSeconds(5)) }],
        Turns = [(TimeSpan.FromSeconds(20), CallTurn.Hold), (TimeSpan.FromSeconds(40), CallTurn.Resume)],
    };

    private static V1.Transcript Final(int leg, double start, string text) => new()
    {
        Leg = leg, Text = text, Final = true, Confidence = 0.9f, Start = Duration.FromTimeSpan(TimeSpan.FromSeconds(start)), End = Duration.FromTimeSpan(TimeSpan.FromSeconds(start + 2)),
    };
}
