using EdgeAssist.EndToEnd.Tests.Support;
using EdgeAssist.Inference.Asr;
using EdgeAssist.MediaGateway.Calls;
using EdgeAssist.Testing.Audio;
using EdgeAssist.V1;
using Xunit;

namespace EdgeAssist.EndToEnd.Tests;

/// <summary>
/// A real call of two people, placed as a session border controller does (SIPREC, RTP over UDP), and what a client of the
/// relay sees of it: in one process, and in three parts joined by gRPC.
/// </summary>
[Collection(PlayedCallsDefinition.Name)]
public sealed class RealCallTests(PlayedCalls calls)
{
    [Theory, InlineData(false), InlineData(true)]
    public async Task Both_parties_have_the_role_their_signalling_gives_them(bool overGrpc)
    {
        var call = await calls.RealAsync(overGrpc);

        Assert.Equal([PartyRole.Agent, PartyRole.Customer], call.Started.Legs.Select(leg => leg.Role));
        Assert.All(call.Started.Legs, leg => Assert.Equal("metadata", leg.RoleEvidence));
        Assert.Equal(["1", "2"], call.Started.Legs.Select(leg => leg.Label));
        Assert.All(call.Finals, final => Assert.Equal(call.Started.Legs[final.Value.Leg].Role, final.Value.Role));
    }

    [Theory, InlineData(false), InlineData(true)]
    public async Task It_starts_first_and_once_and_ends_last_and_once_by_hangup(bool overGrpc)
    {
        var call = await calls.RealAsync(overGrpc);

        var kinds = call.Events.Select(heard => heard.Value.KindCase).ToList();
        Assert.Equal(CallEvent.KindOneofCase.Started, kinds[0]);
        Assert.Equal(CallEvent.KindOneofCase.Ended, kinds[^1]);
        Assert.Single(kinds, CallEvent.KindOneofCase.Started);
        Assert.Single(kinds, CallEvent.KindOneofCase.Ended);
        Assert.Equal("hangup", call.Events[^1].Value.Ended.EndReason);
    }

    [Theory, InlineData(false), InlineData(true)]
    public async Task Nothing_of_it_is_missing_or_comes_twice(bool overGrpc)
    {
        var call = await calls.RealAsync(overGrpc);

        var offsets = call.Events.Select(heard => heard.Value.Offset).Where(offset => offset > 0).ToList();
        Assert.Equal(offsets.Distinct().Order(), offsets);
        var ids = call.Events.Where(heard => heard.Value.Offset > 0).Select(heard => heard.Value.EventId).ToList();
        Assert.Equal(ids.Distinct(), ids);
        Assert.DoesNotContain(call.Events, heard => heard.Value.Gap is not null);
        Assert.Equal(
            call.Finals.Select(final => (final.Value.Leg, final.Value.Utterance)).Distinct().Count(),
            call.Finals.Count);
    }

    [Theory, InlineData(false), InlineData(true)]
    public async Task Every_packet_sent_is_received_and_none_is_lost_or_refused(bool overGrpc)
    {
        var call = await calls.RealAsync(overGrpc);
        Assert.Equal(2 * (long)(Recordings.RealCallSeconds * 50), call.Result.Streams.Sum(stream => stream.Packets));

        // Counters speak of a whole appliance, so all its calls have to be over.
        var (appliance, played) = overGrpc ? (calls.Apart, (PlayedCall[])[call]) : (calls.Direct, await calls.AllDirectAsync());
        Assert.Equal(played.Sum(each => each.Result.Streams.Sum(stream => stream.Packets)), appliance.Count("edgeassist.rtp.packets"));
        Assert.All(
            ["lost", "late", "duplicate", "malformed", "wrong_source", "unknown_payload_type"],
            fault => Assert.Equal((fault, 0), (fault, appliance.Count("edgeassist.rtp.packets." + fault))));
    }

    [Theory, InlineData(false), InlineData(true)]
    public async Task Both_parties_are_understood(bool overGrpc)
    {
        var call = await calls.RealAsync(overGrpc);

        var (agent, customer) = (Words(call, PartyRole.Agent), Words(call, PartyRole.Customer));
        TestContext.Current.TestOutputHelper?.WriteLine($"agent: {call.WordsOf(PartyRole.Agent)}{Environment.NewLine}customer: {call.WordsOf(PartyRole.Customer)}");
        Assert.InRange(agent.Count, 50, 120);
        Assert.InRange(customer.Count, 70, 150);

        // Where the utterances are cut, and what draft a final begins from, depends on how the packets arrive: a sentence may be misheard.
        Assert.InRange(SaidByAgent.Count(agent.Contains), SaidByAgent.Length - 1, SaidByAgent.Length);
        Assert.InRange(SaidByCustomer.Count(customer.Contains), SaidByCustomer.Length - 2, SaidByCustomer.Length);
    }

    [Theory, InlineData(false), InlineData(true)]
    public async Task Words_lie_where_the_recording_is_loud(bool overGrpc)
    {
        var call = await calls.RealAsync(overGrpc);

        var (agent, customer) = calls.RealCall!.Value;
        AssertOnTime(call, PartyRole.Agent, agent);
        AssertOnTime(call, PartyRole.Customer, customer);
    }

    [Theory, InlineData(false), InlineData(true)]
    public async Task The_words_under_way_at_the_BYE_come_within_two_seconds(bool overGrpc)
    {
        var call = await calls.RealAsync(overGrpc);

        var bye = call.Steps[RecordingCallStep.MediaEnded];
        var spokenUntil = (call.MediaBegan + TimeSpan.FromSeconds(Recordings.RealCallSeconds)).TotalSeconds;
        var last = call.Finals.Last(final => final.Value.Role == PartyRole.Agent);
        Assert.InRange(last.Value.End.ToTimeSpan().TotalSeconds, spokenUntil - 0.5, spokenUntil + 0.5);
        Assert.InRange(last.Value.Start.ToTimeSpan().TotalSeconds, 0, spokenUntil - 1);
        Assert.InRange((last.At - bye).TotalSeconds, 0, 2);
    }

    private static void AssertOnTime(PlayedCall call, PartyRole role, Clip clip)
    {
        var began = call.MediaBegan.TotalSeconds;
        var spans = call.FinalsOf(role).Select(final => (Start: final.Start.ToTimeSpan().TotalSeconds - began, End: final.End.ToTimeSpan().TotalSeconds - began)).ToList();

        Assert.All(spans, span => Assert.InRange(span.Start, -0.1, span.End));
        Assert.All(spans, span => Assert.InRange(span.End, span.Start, clip.Seconds + 1));
        Assert.Equal(spans.OrderBy(span => span.Start), spans);
        Assert.InRange(new VoicedTime(clip, floorDb: -45).ShareOfSpansNearVoice(spans, slack: 0.5), 0.9, 1);
        Assert.InRange(new VoicedTime(clip, floorDb: -30).ShareOfVoiceNearSpans(spans, slack: 0.5), 0.9, 1);
    }

    private static List<string> Words(PlayedCall call, PartyRole role) => WordErrorRate.Words(call.WordsOf(role));

    private static readonly string[] SaidByAgent = ["thank", "calling", "motors", "help", "today", "please"];

    private static readonly string[] SaidByCustomer = ["weeks", "car", "mechanics", "baffled", "lights", "soon"];
}
