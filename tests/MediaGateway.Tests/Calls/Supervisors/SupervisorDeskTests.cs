using EdgeAssist.Contracts;
using EdgeAssist.MediaGateway.Calls;
using EdgeAssist.MediaGateway.Calls.Supervisors;
using EdgeAssist.MediaGateway.Sdp;
using EdgeAssist.MediaGateway.Sdp.OfferAnswer;
using EdgeAssist.MediaGateway.Sip.Messages;
using EdgeAssist.MediaGateway.Sip.Parsing;
using EdgeAssist.MediaGateway.Sip.UserAgent;
using EdgeAssist.MediaGateway.Tests.Calls.Bridge;
using Xunit;

namespace EdgeAssist.MediaGateway.Tests.Calls.Supervisors;

/// <summary>Supervisors' phones and the calls they are put on, in virtual time: customer, agent and phone scripted.</summary>
public sealed class SupervisorDeskTests
{
    private static readonly byte[] s_answer = ScriptedPeer.Sdp(1, "3.3.3.3", port: 7000);

    [Fact] // RFC 3261 §13.2; RFC 3264 §5
    public async Task The_phone_is_called_and_put_on_the_call_in_the_mode_asked_for_when_it_answers()
    {
        await using var rig = Rig();
        var order = Order(rig, InterventionMode.Whisper);

        var updates = rig.Relay.Streams[0].Updates;
        var calling = rig.Desk.Join(order, rig.Now);
        rig.Run();
        Answer(rig, new SessionDecision { Status = 180 });
        Answer(rig, SessionDecision.Accept(s_answer));

        var invite = rig.Phone.Requests[0];
        Assert.Equal(InterventionPhase.Calling, calling.Report!.Phase);
        Assert.Equal("sip:sue@127.0.0.1:6004", invite.RequestUri);
        Assert.Equal("i1", invite.Headers.First("X-EdgeAssist-Intervention"));
        var leg = Leg(rig);
        var offer = BridgeRig.Parse(invite);
        Assert.Equal(leg.LocalEndPoint.Port, offer.Media[0].Port);
        Assert.Equal(["8", "0", "101"], offer.Media[0].Formats);   // the call's own codec first
        Assert.Equal((SupervisionMode.Whisper, RelaySide.Callee, "3.3.3.3:7000"), (leg.Plan.Mode, leg.Plan.WhisperTo, leg.Plan.Side.Remote.ToString()));
        Assert.Equal([InterventionPhase.Calling, InterventionPhase.Ringing, InterventionPhase.Whispering], Report(rig).Steps.Select(step => step.Phase));
        Assert.Equal(updates, rig.Relay.Streams[0].Updates);   // the call itself was told nothing
    }

    [Theory]
    [InlineData(486, "busy")]
    [InlineData(603, "refused")]
    [InlineData(480, "no_answer")]
    [InlineData(503, "unreachable")]
    public async Task A_phone_that_refuses_ends_the_intervention_and_nothing_else(int status, string cause)
    {
        await using var rig = Rig();
        Join(rig);

        Answer(rig, SessionDecision.Reject(status, "no"));

        Assert.Equal((InterventionPhase.Ended, cause, status), Last(rig));
        await AssertCallGoesOnAsync(rig);
    }

    [Fact] // RFC 3261 §9.1
    public async Task A_phone_that_rings_too_long_gets_CANCEL()
    {
        await using var rig = Rig();
        Join(rig);
        Answer(rig, new SessionDecision { Status = 180 });

        rig.Advance(TimeSpan.FromSeconds(31));

        Assert.Equal((InterventionPhase.Ended, "no_answer", 487), Last(rig));
        Assert.Equal([SessionEnd.Cancelled], rig.Phone.Ends);
        await AssertCallGoesOnAsync(rig);
    }

    [Fact]
    public async Task A_phone_that_never_says_anything_is_unreachable()
    {
        await using var rig = Rig(settings => settings with { RingTime = TimeSpan.FromMinutes(2) });
        rig.Loses = message => message is SipRequest { RequestUri: "sip:sue@127.0.0.1:6004" };
        Join(rig);

        rig.Advance(TimeSpan.FromSeconds(40));

        Assert.Equal((InterventionPhase.Ended, "unreachable", 408), Last(rig));
        await AssertCallGoesOnAsync(rig);
    }

    [Fact]
    public async Task Hanging_up_ends_the_intervention_and_the_call_goes_on()
    {
        await using var rig = Rig();
        Establish(rig);

        rig.Phone.Core.End(rig.Phone.Session!, SessionEnd.Local, rig.Now);
        rig.Run();

        Assert.Equal((InterventionPhase.Ended, "phone_hung_up", 0), Last(rig));
        await AssertCallGoesOnAsync(rig);
    }

    [Fact]
    public async Task A_phone_whose_media_stops_is_taken_off_the_call_and_one_on_hold_is_not()
    {
        await using var rig = Rig();
        Establish(rig);
        Leg(rig).Statistics = new RelaySideStatistics { PacketsReceived = 10, LastPacketAt = rig.Now };
        rig.Phone.Core.Send(rig.Phone.Session!, SessionRequest.WithDescription(SipMethod.Invite, ScriptedPeer.Sdp(2, "3.3.3.3", "recvonly", 7000)), rig.Now);
        rig.Run();

        rig.Advance(TimeSpan.FromMinutes(2));
        Assert.Equal(InterventionPhase.Listening, Report(rig).Phase);
        rig.Phone.Core.Send(rig.Phone.Session!, SessionRequest.WithDescription(SipMethod.Invite, ScriptedPeer.Sdp(3, "3.3.3.3", "sendrecv", 7000)), rig.Now);
        rig.Run();
        rig.Advance(TimeSpan.FromSeconds(2));

        Assert.Equal((InterventionPhase.Ended, "phone_lost", 0), Last(rig));
        Assert.Equal([SessionEnd.Bye], rig.Phone.Ends);
        await AssertCallGoesOnAsync(rig);
    }

    [Fact]
    public async Task An_address_that_refuses_our_packets_is_noticed_within_seconds()
    {
        await using var rig = Rig();
        Establish(rig);
        Leg(rig).Statistics = new RelaySideStatistics { PacketsReceived = 10, LastPacketAt = rig.Now, Unreachable = 3 };

        rig.Advance(TimeSpan.FromSeconds(6));

        Assert.Equal((InterventionPhase.Ended, "phone_lost", 0), Last(rig));
        await AssertCallGoesOnAsync(rig);
    }

    [Fact]
    public async Task The_same_order_again_is_answered_with_the_first_and_a_second_supervisor_is_refused()
    {
        await using var rig = Rig();
        Establish(rig);

        var again = rig.Desk.Join(Order(rig, InterventionMode.Listen), rig.Now);
        var other = rig.Desk.Join(Order(rig, InterventionMode.Listen) with { Id = "i2" }, rig.Now);

        Assert.Equal(InterventionPhase.Listening, again.Report!.Phase);
        Assert.Equal("supervised", other.WhyNot);
        Assert.Single(rig.Relay.Streams[0].Supervisors);
    }

    [Fact] // RFC 4733
    public async Task Keys_of_the_phone_change_the_mode()
    {
        await using var rig = Rig();
        Establish(rig);

        Leg(rig).Press('3');
        Leg(rig).Press('9');
        Leg(rig).Press('2');
        rig.Desk.OnTime(rig.Now);

        Assert.Equal(
            [(InterventionPhase.Listening, "answered"), (InterventionPhase.Barged, "key"), (InterventionPhase.Whispering, "key")],
            Report(rig).Steps.Skip(1).Select(step => (step.Phase, step.Cause)));
        Assert.Equal(SupervisionMode.Whisper, Leg(rig).Plan.Mode);
    }

    [Fact]
    public async Task A_key_that_the_profile_forbids_changes_nothing()
    {
        await using var rig = Rig(settings => settings with { Profile = SupervisionProfile.UsAllParty });
        Establish(rig);

        Leg(rig).Press('2');
        rig.Desk.OnTime(rig.Now);

        Assert.Equal(InterventionPhase.Listening, Report(rig).Phase);
        Assert.True(rig.Relay.Streams[0].Supervisors[0].Plan.PlaysTone);
    }

    [Fact]
    public async Task The_end_of_the_call_ends_the_intervention()
    {
        await using var rig = Rig();
        Establish(rig);

        rig.Hangup(rig.Caller);

        Assert.Equal((InterventionPhase.Ended, "call_ended", 0), Last(rig));
        Assert.Equal([SessionEnd.Bye], rig.Phone.Ends);
        await rig.Desk.WhenClosedAsync();
        Assert.True(Leg(rig).IsDisposed);
    }

    [Fact] // RFC 3264 §8: the phone's dialog goes on with the next version of its own description
    public async Task A_take_over_puts_the_phone_in_the_agents_place_and_then_releases_the_agent()
    {
        await using var rig = Rig();
        Establish(rig);
        var told = rig.Caller.Requests.Count;
        rig.Phone.ModifyDecision = SessionDecision.Accept(ScriptedPeer.Sdp(2, "3.3.3.3", port: 7100));

        var answer = rig.Desk.ChangeAsync("i1", InterventionMode.TakeOver, rig.Now);
        Assert.Empty(rig.Callee.Ends);   // nothing happens to the agent before the phone has taken the call
        rig.Run();

        Assert.Equal(InterventionPhase.TakenOver, (await answer).Report!.Phase);
        Assert.Equal([SessionEnd.Bye], rig.Callee.Ends);
        Assert.Empty(rig.Caller.Ends);
        Assert.Equal(told, rig.Caller.Requests.Count);   // the customer's dialog heard of nothing
        var (first, second) = (BridgeRig.Parse(rig.Phone.Requests[0]), BridgeRig.Parse(rig.Phone.Requests.Last(request => request.Method == SipMethod.Invite)));
        Assert.Equal(first.Origin with { Version = first.Origin.Version + 1 }, second.Origin);
        var stream = rig.Relay.Streams[0];
        Assert.Equal(stream.LocalEndPoint(RelaySide.Callee).Port, second.Media[0].Port);
        Assert.Equal("3.3.3.3:7100", stream.Sides[RelaySide.Callee].Remote.ToString());
        Assert.Equal("1.1.1.1:5000", stream.Sides[RelaySide.Caller].Remote.ToString());
        await rig.Desk.WhenClosedAsync();
        Assert.True(Leg(rig).IsDisposed);
        var info = rig.Bridge.Find(Call(rig))!.Info;
        Assert.Equal((PartyRole.Agent, "100"), (info.Legs[1].Role, info.Agent));
        Assert.Equal("sip:sue@127.0.0.1:6004", info.Legs[1].Party.Aor);

        // The customer holds the call, and hangs up: both are the phone's matter now.
        rig.Send(rig.Caller, SessionRequest.WithDescription(SipMethod.Invite, ScriptedPeer.Sdp(2, "1.1.1.1", "sendonly")));
        Assert.Equal(200, rig.Caller.LastStatus);
        Assert.Equal(SdpDirection.SendOnly, BridgeRig.Parse(rig.Phone.Requests.Last(request => request.Method == SipMethod.Invite)).Media[0].DirectionIn(second));
        rig.Hangup(rig.Caller);
        Assert.Equal([SessionEnd.Bye], rig.Phone.Ends);
        Assert.Equal((InterventionPhase.Ended, "call_ended", 0), Last(rig));
        Assert.Equal((0, 0), (rig.Bridge.CallCount, rig.Core.SessionCount));
    }

    [Fact]
    public async Task After_a_take_over_the_call_ends_when_the_supervisor_leaves()
    {
        await using var rig = Rig();
        Establish(rig);
        rig.Phone.ModifyDecision = SessionDecision.Accept(ScriptedPeer.Sdp(2, "3.3.3.3", port: 7100));
        _ = rig.Desk.ChangeAsync("i1", InterventionMode.TakeOver, rig.Now);
        rig.Run();

        rig.Desk.Leave("i1", rig.Now);
        rig.Run();

        Assert.Equal([SessionEnd.Bye], rig.Caller.Ends);
        Assert.Equal((InterventionPhase.Ended, "left", 0), Last(rig));
        Assert.Equal((0, 0), (rig.Bridge.CallCount, rig.Core.SessionCount));
    }

    [Fact]
    public async Task A_phone_that_does_not_take_the_call_leaves_it_to_the_agent()
    {
        await using var rig = Rig();
        Establish(rig);
        var updates = rig.Relay.Streams[0].Updates;
        rig.Phone.ModifyDecision = SessionDecision.Reject(488, "no");

        var answer = rig.Desk.ChangeAsync("i1", InterventionMode.TakeOver, rig.Now);
        rig.Run();

        Assert.Equal("phone_refused", (await answer).WhyNot);
        Assert.Equal(updates, rig.Relay.Streams[0].Updates);
        Assert.Equal(InterventionPhase.Listening, Report(rig).Phase);
        await AssertCallGoesOnAsync(rig);
        rig.Send(rig.Callee, SessionRequest.WithDescription(SipMethod.Invite, ScriptedPeer.Sdp(2, "2.2.2.2", "sendonly", 6000)));
        Assert.Equal(200, rig.Callee.LastStatus);   // offers and answers between the two go on as before
    }

    [Theory] // RFC 3264 §8: with its 200 the phone has left the line it had
    [InlineData("port 0")]
    [InlineData("no body")]
    [InlineData("another codec")]
    public async Task A_phone_that_takes_the_call_without_a_line_that_can_be_used_is_hung_up_at_once_and_the_agent_stays(string answered)
    {
        await using var rig = Rig();
        Establish(rig);
        var updates = rig.Relay.Streams[0].Updates;
        rig.Phone.ModifyDecision = SessionDecision.Accept(answered switch
        {
            "port 0" => ScriptedPeer.Sdp(2, "3.3.3.3", port: 0),
            "no body" => default,
            _ => "v=0\r\no=me 77 2 IN IP4 3.3.3.3\r\ns=-\r\nc=IN IP4 3.3.3.3\r\nt=0 0\r\nm=audio 7100 RTP/AVP 97\r\na=rtpmap:97 L16/44100\r\n"u8.ToArray(),
        });

        var answer = rig.Desk.ChangeAsync("i1", InterventionMode.TakeOver, rig.Now);
        rig.Run();

        Assert.Equal("media", (await answer).WhyNot);
        Assert.Equal((InterventionPhase.Ended, "media", 488), Last(rig));
        Assert.Equal([SessionEnd.Bye], rig.Phone.Ends);
        Assert.Equal(updates, rig.Relay.Streams[0].Updates);
        await AssertCallGoesOnAsync(rig);
        Assert.True(Leg(rig).IsDisposed);
        rig.Send(rig.Callee, SessionRequest.WithDescription(SipMethod.Invite, ScriptedPeer.Sdp(2, "2.2.2.2", "sendonly", 6000)));
        Assert.Equal(200, rig.Callee.LastStatus);   // offers and answers between the two go on as before
    }

    [Fact] // RFC 3261 §14.1
    public async Task While_a_phone_is_offered_the_call_changes_of_its_media_get_491()
    {
        await using var rig = Rig();
        Establish(rig);
        rig.Phone.ModifyDecision = SessionDecision.Later;

        var answer = rig.Desk.ChangeAsync("i1", InterventionMode.TakeOver, rig.Now);
        rig.Run();
        rig.Send(rig.Caller, SessionRequest.WithDescription(SipMethod.Invite, ScriptedPeer.Sdp(2, "1.1.1.1", "sendonly")));

        Assert.Equal(491, rig.Caller.LastStatus);
        rig.Hangup(rig.Caller);
        Assert.Equal("ended", (await answer).WhyNot);
        Assert.Equal((0, 0), (rig.Bridge.CallCount, rig.Core.SessionCount));
    }

    [Fact]
    public async Task A_call_is_not_taken_over_by_a_phone_that_nobody_hears()
    {
        await using var rig = Rig();
        Establish(rig);
        Leg(rig).Statistics = new RelaySideStatistics();

        var answer = await rig.Desk.ChangeAsync("i1", InterventionMode.TakeOver, rig.Now);

        Assert.Equal("phone_silent", answer.WhyNot);
        await AssertCallGoesOnAsync(rig);
    }

    [Fact]
    public async Task A_call_that_cannot_be_mixed_is_heard_from_its_fork_and_no_more()
    {
        await using var rig = Rig(establish: false);
        rig.Establish();
        rig.Relay.Streams[0].IsMixable = false;

        var possible = rig.Desk.CapabilitiesOf(Call(rig), "sue")!;
        rig.Desk.Join(Order(rig, InterventionMode.Listen), rig.Now);
        rig.Run();

        Assert.Equal(["", "codec", "codec", "codec"], possible.Modes.Select(mode => mode.WhyNot));
        Assert.Empty(rig.Relay.Streams[0].Supervisors);
        Assert.Single(rig.Relay.Listeners);
        Assert.Equal(["9", "0", "8", "101"], BridgeRig.Parse(rig.Phone.Requests[0]).Media[0].Formats);
    }

    [Theory]
    [InlineData("nobody", "", "no_phone")]
    [InlineData("sue", "sip:other@127.0.0.1:6004", "no_phone")]
    [InlineData("sue", "not a uri", "no_phone")]
    [InlineData("named", "", "no_route")]
    [InlineData("safe", "", "srtp")]
    public async Task What_is_not_possible_is_refused_with_its_word(string supervisor, string phone, string whyNot)
    {
        await using var rig = Rig();

        var answer = rig.Desk.Join(Order(rig, InterventionMode.Listen) with { Supervisor = supervisor, Phone = phone }, rig.Now);

        Assert.Equal(whyNot, answer.WhyNot);
        Assert.NotEmpty(answer.Sentence);
        Assert.Empty(rig.Relay.Streams[0].Supervisors);
    }

    [Fact]
    public async Task Another_phone_is_called_where_that_is_allowed()
    {
        await using var rig = Rig(settings => settings with { AnyPhone = true });

        rig.Desk.Join(Order(rig, InterventionMode.Listen) with { Supervisor = "nobody", Phone = "sip:desk@127.0.0.1:6004" }, rig.Now);
        rig.Run();

        Assert.Equal("sip:desk@127.0.0.1:6004", rig.Phone.Requests[0].RequestUri);
    }

    [Fact]
    public async Task Watchers_get_every_list_and_each_report_has_all_its_steps()
    {
        await using var rig = Rig();
        var lists = rig.Desk.Control.WatchAsync(TestContext.Current.CancellationToken).GetAsyncEnumerator(TestContext.Current.CancellationToken);
        Assert.True(await lists.MoveNextAsync());
        Assert.Empty(lists.Current);

        Establish(rig);
        rig.Desk.OnTime(rig.Now);

        Assert.True(await lists.MoveNextAsync());
        Assert.Equal([InterventionPhase.Calling, InterventionPhase.Listening], lists.Current.Single().Steps.Select(step => step.Phase));
        await lists.DisposeAsync();
    }

    private static BridgeRig Rig(Func<SupervisionSettings, SupervisionSettings>? change = null, bool establish = true)
    {
        var settings = new SupervisionSettings
        {
            Phones =
            [
                Phone("sue", "sip:sue@127.0.0.1:6004"),
                Phone("named", "sip:named@phones.example"),
                Phone("safe", "sip:safe@127.0.0.1:6004") with { Srtp = SrtpPolicy.Required },
            ],
        };
        var rig = new BridgeRig(supervision: change?.Invoke(settings) ?? settings);
        if (establish) rig.Establish();
        return rig;
    }

    private static SupervisorPhone Phone(string subject, string address)
    {
        Assert.True(SipUriParser.TryParse(address, out var uri));
        return new SupervisorPhone { Subject = subject, Address = uri! };
    }

    private static CallId Call(BridgeRig rig)
    {
        Assert.True(SpinWait.SpinUntil(() => !rig.Sink.Calls.IsEmpty, TimeSpan.FromSeconds(60)));   // analysis is told on a task of its own
        return rig.Sink.Calls.First().Info.Id;
    }

    private static InterventionOrder Order(BridgeRig rig, InterventionMode mode) => new() { Id = "i1", Call = Call(rig), Mode = mode, Supervisor = "sue" };

    private static void Join(BridgeRig rig)
    {
        Assert.Equal("", rig.Desk.Join(Order(rig, InterventionMode.Listen), rig.Now).WhyNot);
        rig.Run();
    }

    private static void Answer(BridgeRig rig, SessionDecision decision)
    {
        rig.Phone.Core.Decide(rig.Phone.Session!, decision, rig.Now);
        rig.Run();
    }

    private static void Establish(BridgeRig rig)
    {
        Join(rig);
        Answer(rig, SessionDecision.Accept(s_answer));
        Assert.Equal(InterventionPhase.Listening, Report(rig).Phase);
    }

    private static FakeSupervisorLeg Leg(BridgeRig rig) => rig.Relay.Streams[0].Supervisors[0];

    private static InterventionReport Report(BridgeRig rig) => rig.Desk.Join(Order(rig, InterventionMode.Listen), rig.Now).Report!;

    private static (InterventionPhase Phase, string Cause, int Status) Last(BridgeRig rig)
    {
        var last = Report(rig).Steps[^1];
        return (last.Phase, last.Cause, last.SipStatus);
    }

    private static async Task AssertCallGoesOnAsync(BridgeRig rig)
    {
        Assert.Equal((1, SipSessionState.Confirmed, SipSessionState.Confirmed), (rig.Bridge.CallCount, rig.Caller.Session!.State, rig.Callee.Session!.State));
        Assert.Empty(rig.Caller.Ends);
        Assert.Empty(rig.Callee.Ends);
        Assert.False(rig.Relay.Streams[0].IsDisposed);
        await rig.Desk.WhenClosedAsync();
    }
}
