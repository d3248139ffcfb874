using EdgeAssist.Contracts;
using EdgeAssist.MediaGateway.Sip.Messages;
using EdgeAssist.MediaGateway.Sip.Transactions;
using EdgeAssist.Testing.Sip;
using Xunit;

namespace EdgeAssist.MediaGateway.Tests.Sip;

/// <summary>The four transactions of RFC 3261 §17 in virtual time.</summary>
public sealed class TransactionTests
{
    private static readonly SipTimers s_timers = SipTimers.Default;
    private static readonly SipRequest s_invite = SipTestMessages.Request(SiprecText.Invite());
    private static readonly SipRequest s_bye = SipTestMessages.Request(SiprecText.Invite() with { Method = "BYE", ToTag = "t", CSeq = 2 });

    [Fact] // §17.1.1.2
    public void Over_UDP_timer_A_doubles_from_T1_until_timer_B_gives_up()
    {
        var transaction = new InviteClientTransaction(s_invite, s_timers, reliable: false, At(0));

        var sent = SendTimes(transaction);

        Assert.Equal([0, 0.5, 1.5, 3.5, 7.5, 15.5, 31.5], sent.Sends);
        Assert.Equal([32], sent.TimeOuts);
        Assert.Equal(InviteClientState.Terminated, transaction.State);
    }

    [Fact] // §17.1.1.2
    public void Over_TCP_an_INVITE_is_sent_once() =>
        Assert.Equal([0], SendTimes(new InviteClientTransaction(s_invite, s_timers, reliable: true, At(0))).Sends);

    [Fact] // §17.1.1.2
    public void A_provisional_answer_stops_the_retransmissions_of_INVITE()
    {
        var transaction = new InviteClientTransaction(s_invite, s_timers, reliable: false, At(0));
        transaction.OnResponse(SipTestMessages.Answer(s_invite, 100), At(0.1));

        Assert.Equal(InviteClientState.Proceeding, transaction.State);
        Assert.True(transaction.Deadline.IsNever);
    }

    [Fact] // §17.1.1.3
    public void A_refused_INVITE_is_acknowledged_on_its_own_branch_each_time_the_refusal_comes()
    {
        var transaction = new InviteClientTransaction(s_invite, s_timers, reliable: false, At(0));
        Take(transaction);

        transaction.OnResponse(SipTestMessages.Answer(s_invite, 486), At(1));
        transaction.OnResponse(SipTestMessages.Answer(s_invite, 486), At(2));

        var effects = Take(transaction);
        var acks = effects.OfType<SipEffect.Send>().Select(effect => Assert.IsType<SipRequest>(effect.Message)).ToList();
        Assert.Equal(2, acks.Count);
        Assert.All(acks, ack => Assert.Equal(("ACK", s_invite.Via.Branch, "peer", "1 ACK"), (ack.Method.Name, ack.Via.Branch, ack.To.Tag, ack.CSeq.ToString())));
        Assert.Single(effects.OfType<SipEffect.Deliver>());
        Assert.Equal(At(33), transaction.Deadline);   // timer D: 32 s
    }

    [Fact] // RFC 6026 §7.2
    public void An_accepted_INVITE_passes_every_200_to_its_user_until_timer_M()
    {
        var transaction = new InviteClientTransaction(s_invite, s_timers, reliable: false, At(0));
        Take(transaction);

        transaction.OnResponse(SipTestMessages.Answer(s_invite, 200), At(1));
        transaction.OnResponse(SipTestMessages.Answer(s_invite, 200), At(2));

        Assert.Equal(2, Take(transaction).OfType<SipEffect.Deliver>().Count());
        transaction.OnTime(At(33));
        Assert.True(transaction.IsTerminated);
    }

    [Fact] // §17.1.2.2
    public void Over_UDP_timer_E_doubles_up_to_T2_until_timer_F_gives_up()
    {
        var sent = SendTimes(new NonInviteClientTransaction(s_bye, s_timers, reliable: false, At(0)));

        Assert.Equal([0, 0.5, 1.5, 3.5, 7.5, 11.5, 15.5, 19.5, 23.5, 27.5, 31.5], sent.Sends);
        Assert.Equal([32], sent.TimeOuts);
    }

    [Fact] // §17.1.2.2
    public void A_final_answer_ends_a_request_and_its_repetitions_are_absorbed_for_timer_K()
    {
        var transaction = new NonInviteClientTransaction(s_bye, s_timers, reliable: false, At(0));
        Take(transaction);

        transaction.OnResponse(SipTestMessages.Answer(s_bye, 200), At(1));
        transaction.OnResponse(SipTestMessages.Answer(s_bye, 200), At(2));

        Assert.Single(Take(transaction));
        Assert.Equal(At(6), transaction.Deadline);
    }

    [Fact] // §17.2.1
    public void A_refusal_is_repeated_by_timer_G_until_the_ACK()
    {
        var transaction = new InviteServerTransaction(s_invite, s_timers, reliable: false);
        transaction.Respond(SipTestMessages.Answer(s_invite, 100), At(0));
        transaction.Respond(SipTestMessages.Answer(s_invite, 486), At(0));
        Take(transaction);

        transaction.OnTime(At(0.5));
        transaction.OnTime(At(1.5));
        transaction.OnAck(s_invite, At(2));
        transaction.OnTime(At(6));

        Assert.Equal(2, Take(transaction).OfType<SipEffect.Send>().Count());
        Assert.Equal(InviteServerState.Confirmed, transaction.State);
        transaction.OnTime(At(7));   // timer I: T4
        Assert.True(transaction.IsTerminated);
    }

    [Fact] // §17.2.1
    public void A_refusal_without_an_ACK_times_out_by_timer_H()
    {
        var transaction = new InviteServerTransaction(s_invite, s_timers, reliable: true);
        transaction.Respond(SipTestMessages.Answer(s_invite, 486), At(0));
        Take(transaction);

        transaction.OnTime(At(32));

        Assert.IsType<SipEffect.TimedOut>(Assert.Single(Take(transaction)));
        Assert.True(transaction.IsTerminated);
    }

    [Fact] // §17.2.1
    public void A_repeated_INVITE_gets_the_last_provisional_answer_again()
    {
        var transaction = new InviteServerTransaction(s_invite, s_timers, reliable: false);
        transaction.Respond(SipTestMessages.Answer(s_invite, 100), At(0));
        Take(transaction);

        transaction.OnRetransmission();

        Assert.Equal(100, Assert.IsType<SipResponse>(Assert.IsType<SipEffect.Send>(Assert.Single(Take(transaction))).Message).Status);
    }

    [Fact] // RFC 6026 §7.1
    public void After_a_200_repeated_INVITEs_are_absorbed_and_the_ACK_goes_to_the_user_until_timer_L()
    {
        var transaction = new InviteServerTransaction(s_invite, s_timers, reliable: false);
        transaction.Respond(SipTestMessages.Answer(s_invite, 200), At(0));
        Take(transaction);

        transaction.OnRetransmission();
        Assert.Empty(Take(transaction));
        transaction.OnAck(s_invite, At(1));
        Assert.IsType<SipEffect.Deliver>(Assert.Single(Take(transaction)));
        transaction.OnTime(At(32));
        Assert.True(transaction.IsTerminated);
    }

    [Fact] // §17.2.2
    public void A_repeated_request_gets_its_final_answer_again_until_timer_J()
    {
        var transaction = new NonInviteServerTransaction(s_bye, s_timers, reliable: false);
        transaction.OnRetransmission();
        Assert.Empty(Take(transaction));   // Trying: nothing to repeat
        transaction.Respond(SipTestMessages.Answer(s_bye, 200), At(0));
        transaction.OnRetransmission();

        Assert.Equal(2, Take(transaction).Count);
        Assert.Equal(At(32), transaction.Deadline);
        transaction.OnTime(At(32));
        Assert.True(transaction.IsTerminated);
    }

    [Fact] // §17.2.3
    public void The_key_is_the_branch_and_sent_by_and_an_ACK_belongs_to_its_INVITE()
    {
        var other = SipTestMessages.Request(SiprecText.Invite() with { SentBy = "192.0.2.9:5060" });
        var ack = SipTestMessages.Request(SiprecText.Invite() with { Method = "ACK" });

        Assert.NotEqual(TransactionKey.OfServer(s_invite), TransactionKey.OfServer(other));
        Assert.Equal(TransactionKey.OfServer(s_invite), TransactionKey.OfServer(ack));
    }

    [Theory] // §17.2.3, RFC 4475 §3.2.1
    [InlineData("z9hG4bK")]
    [InlineData("oldstyle")]
    public void Without_a_unique_branch_the_key_is_made_of_the_other_fields(string branch)
    {
        var first = SipTestMessages.Request(SiprecText.Invite() with { Branch = branch });
        var second = SipTestMessages.Request(SiprecText.Invite() with { Branch = branch, CallId = "another" });
        var ack = SipTestMessages.Request(SiprecText.Invite() with { Branch = branch, Method = "ACK", ToTag = "t" });

        Assert.NotEqual(TransactionKey.OfServer(first), TransactionKey.OfServer(second));
        Assert.Equal(TransactionKey.OfServer(first), TransactionKey.OfServer(ack));
    }

    private static Instant At(double seconds) => new((long)(seconds * TimeSpan.TicksPerSecond));

    private static List<SipEffect> Take(ITransaction transaction)
    {
        var effects = new List<SipEffect>();
        while (transaction.TryTake(out var effect)) effects.Add(effect!);
        return effects;
    }

    /// <summary>Lets time run from deadline to deadline with no peer; when things were sent, and when the user was told.</summary>
    private static (List<double> Sends, List<double> TimeOuts) SendTimes(IClientTransaction transaction)
    {
        var (sends, timeOuts) = (new List<double>(), new List<double>());
        for (var now = At(0); ; now = transaction.Deadline)
        {
            transaction.OnTime(now);
            foreach (var effect in Take(transaction)) (effect is SipEffect.Send ? sends : timeOuts).Add(now.Ticks / (double)TimeSpan.TicksPerSecond);
            if (transaction.IsTerminated || transaction.Deadline.IsNever) return (sends, timeOuts);
        }
    }
}
