using System.Threading.Channels;
using EdgeAssist.Contracts;
using EdgeAssist.MediaGateway.Sip.Messages;
using EdgeAssist.MediaGateway.Sip.UserAgent;

namespace EdgeAssist.MediaGateway.Calls;

/// <summary>The owner of one <see cref="UserAgentClient"/>: a loop that feeds it messages, time and wishes, and sends what it says.</summary>
internal sealed class ClientSession(UserAgentClient client, ISipChannel channel, Channel<SipMessage?> inputs, TimeProvider time)
{
    private readonly TaskCompletionSource<SipResponse?> _answered = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile bool _stopWanted;

    /// <summary>The final answer to the INVITE, null when none came.</summary>
    public Task<SipResponse?> Answered => _answered.Task;

    /// <summary>Completes when the call is over on either side's word, or its connection is gone.</summary>
    public Task Ended => _ended.Task;

    /// <summary>The connection ended before the call did.</summary>
    public bool IsLost { get; private set; }

    /// <summary>Ends the call: CANCEL before its answer, BYE after it.</summary>
    public void Stop()
    {
        _stopWanted = true;
        inputs.Writer.TryWrite(Tick);
    }

    /// <summary>Runs until the call is over.</summary>
    public async Task RunAsync()
    {
        await using var timer = time.CreateTimer(_ => inputs.Writer.TryWrite(Tick), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        Drain(timer);
        while (client.State != UacState.Ended)
        {
            var input = await inputs.Reader.ReadAsync();
            var now = Instant.Now(time);
            if (input is null)
            {
                IsLost = true;
                break;
            }

            if (!ReferenceEquals(input, Tick)) client.OnMessage(input, now);
            client.OnTime(now);
            if (_stopWanted) client.Cancel(now);
            Drain(timer);
        }

        _answered.TrySetResult(client.Answer);
        _ended.TrySetResult();
    }

    // Wakes the loop without saying anything; never looked into.
    private static readonly SipMessage Tick = new SipResponse
    {
        Status = 100, ReasonPhrase = "", Headers = SipHeaders.Empty, CallId = "", CSeq = default,
        Via = new Via { Transport = "", Host = "" }, From = new NameAddress { Address = "" }, To = new NameAddress { Address = "" },
    };

    private void Drain(ITimer timer)
    {
        while (client.TryTake(out var output)) channel.TrySend(output);
        if (client.Answer is { } answer) _answered.TrySetResult(answer);

        var wait = client.Deadline.IsNever ? Timeout.InfiniteTimeSpan : client.Deadline - Instant.Now(time);
        timer.Change(wait < TimeSpan.Zero && wait != Timeout.InfiniteTimeSpan ? TimeSpan.Zero : wait, Timeout.InfiniteTimeSpan);
    }
}
