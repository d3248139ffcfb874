using System.Text;
using System.Threading.Channels;
using EdgeAssist.MediaGateway.Calls;
using EdgeAssist.MediaGateway.Sip.Messages;
using EdgeAssist.MediaGateway.Sip.UserAgent;

namespace EdgeAssist.MediaGateway.Conformance;

/// <summary>
/// One case's own connection to the server. Sends any octets; waits a bounded time for answers; says 200 to what the server asks
/// meanwhile, so that a snapshot request or a refresh of its own ends no case.
/// </summary>
internal sealed class ConformanceExchange(ISipChannel channel, ChannelReader<SipMessage?> received, string token, TimeProvider time)
{
    /// <summary>How long a server may take for a final answer.</summary>
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(3);

    private static readonly TimeSpan s_again = TimeSpan.FromMilliseconds(600);
    private int _branches;
    private string? _first;

    /// <summary>Provisional answers that came, in order.</summary>
    public List<int> Provisional { get; } = [];

    /// <summary>Requests the server sent, in order.</summary>
    public List<string> Asked { get; } = [];

    /// <summary>The server ended the connection.</summary>
    public bool IsClosed { get; private set; }

    public bool IsReliable => channel.Flow.IsReliable;

    /// <summary>What came first, for the table.</summary>
    public string Answer => _first ?? (IsClosed ? "closed" : "nothing");

    /// <summary>Unique in the run: part of Call-ID, tags and branches.</summary>
    public string Token => token;

    /// <summary>Host and port of our end, as Via and Contact say it.</summary>
    public string Local => Dialog.HostOf(channel.Flow.Local.Address) + ":" + channel.Flow.Local.Port.ToString(System.Globalization.CultureInfo.InvariantCulture);

    public string Host => Dialog.HostOf(channel.Flow.Local.Address);

    public string Target => Dialog.HostOf(channel.Flow.Remote.Address) + ":" + channel.Flow.Remote.Port.ToString(System.Globalization.CultureInfo.InvariantCulture);

    public string Transport => channel.Flow.Name;

    public string NewBranch() => $"z9hG4bK{token}{++_branches}";

    /// <summary>Sends and forgets.</summary>
    public void Send(ReadOnlyMemory<byte> bytes) => channel.TrySend(new SipOutput(channel.Flow, bytes, 0));

    public void Send(string text) => Send(Encoding.UTF8.GetBytes(text));

    /// <summary>Sends a request, again over UDP while nothing comes, and waits for the final answer to this method.</summary>
    /// <returns>The answer, null when none came.</returns>
    public async Task<SipResponse?> AskAsync(ReadOnlyMemory<byte> bytes, string? method = null)
    {
        var started = time.GetTimestamp();
        Send(bytes);
        var sentAt = started;
        while (time.GetElapsedTime(started) < s_patience && !IsClosed)
        {
            var next = await ReceiveAsync(s_again);
            if (next is SipResponse { IsFinal: true } final && (method is null || final.CSeq.Method.Name == method))
            {
                _first ??= final.Status.ToString(System.Globalization.CultureInfo.InvariantCulture);
                return final;
            }

            if (next is SipResponse { IsProvisional: true } early) Provisional.Add(early.Status);
            if (next is not null || IsReliable || Provisional.Count > 0 || time.GetElapsedTime(sentAt) < s_again) continue;
            Send(bytes);
            sentAt = time.GetTimestamp();
        }

        return null;
    }

    public Task<SipResponse?> AskAsync(string text, string? method = null) => AskAsync(Encoding.UTF8.GetBytes(text), method);

    /// <summary>Takes the next message; a request of the server is answered with 200 and noted.</summary>
    public async Task<SipMessage?> ReceiveAsync(TimeSpan limit)
    {
        using var stop = new CancellationTokenSource(limit, time);
        try
        {
            while (true)
            {
                var message = await received.ReadAsync(stop.Token);
                if (message is null) IsClosed = true;
                if (message is not SipRequest request) return message;
                Asked.Add(request.Method.Name);
                if (request.Method == SipMethod.Ack) continue;
                channel.TrySend(SipOutput.Of(channel.Flow, SipResponses.To(request, 200, null)));
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            return null;
        }
        catch (ChannelClosedException)
        {
            IsClosed = true;
            return null;
        }
    }
}
