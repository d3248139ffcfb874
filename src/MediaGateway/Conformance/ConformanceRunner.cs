using System.Collections.Immutable;
using System.Net;
using System.Security.Cryptography;
using System.Threading.Channels;
using EdgeAssist.MediaGateway.Calls;
using EdgeAssist.MediaGateway.Sip.Messages;
using EdgeAssist.MediaGateway.Sip.Parsing;
using EdgeAssist.MediaGateway.Sip.UserAgent;
using EdgeAssist.MediaGateway.Transport;
using Microsoft.Extensions.Logging.Abstractions;

namespace EdgeAssist.MediaGateway.Conformance;

/// <summary>What to run against which server.</summary>
public sealed record ConformancePlan
{
    public required IPEndPoint Target { get; init; }

    public SipTransport Transport { get; init; }

    /// <summary>Folders of messages to send besides the built-in ones, each a group by its name.</summary>
    public ImmutableArray<string> Vectors { get; init; } = [];

    /// <summary>Only cases whose group or name holds this, without case; empty runs all.</summary>
    public string Only { get; init; } = "";

    /// <summary>PEM file of the authorities a TLS server's certificate is judged by; empty for those of this machine.</summary>
    public string Authorities { get; init; } = "";

    /// <summary>Name a TLS server's certificate has to prove; empty for its address.</summary>
    public string ServerName { get; init; } = "";

    /// <summary>Told of each verdict as it comes; may be null.</summary>
    public Action<ConformanceVerdict>? Progress { get; init; }
}

/// <summary>
/// Plays cases against any server, one after another, each over a connection of its own; after each it asks by OPTIONS whether
/// the server still lives.
/// </summary>
public sealed class ConformanceRunner
{
    private readonly TimeProvider _time;
    private readonly SipChannelFactory? _connect;

    public ConformanceRunner(TimeProvider time) => _time = time;

    internal ConformanceRunner(TimeProvider time, SipChannelFactory connect) => (_time, _connect) = (time, connect);

    /// <summary>The verdicts, in the order of the cases.</summary>
    /// <exception cref="IOException">The server cannot be reached at all, or a folder cannot be read; the message says which.</exception>
    /// <exception cref="InvalidDataException">The file of authorities cannot be used.</exception>
    public async Task<IReadOnlyList<ConformanceVerdict>> RunAsync(ConformancePlan plan, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(plan);
        var connect = _connect ?? Connection(plan);
        if (!await IsAliveAsync(connect, plan, cancellationToken))
            throw new IOException($"Nothing answers OPTIONS at {plan.Target} over {plan.Transport}: no SIP server listens there, or it does not talk to this machine.");

        ConformanceCase[] cases = [.. TortureCases.All, .. SiprecCases.All, .. plan.Vectors.SelectMany(VectorFolder.Read)];
        var verdicts = new List<ConformanceVerdict>();
        foreach (var test in cases.Where(test => plan.Only.Length == 0 || $"{test.Group} {test.Name}".Contains(plan.Only, StringComparison.OrdinalIgnoreCase)))
        {
            cancellationToken.ThrowIfCancellationRequested();
            var verdict = await RunAsync(connect, plan, test, cancellationToken);
            verdicts.Add(verdict);
            plan.Progress?.Invoke(verdict);
        }

        return verdicts;
    }

    private SipChannelFactory Connection(ConformancePlan plan)
    {
        var tls = plan.Transport == SipTransport.Tls ? new SipTls(new SipTlsSettings { CaFile = plan.Authorities }, _time, NullLogger.Instance) : null;
        return SipClientChannel.Salvaging(tls, plan.ServerName.Length > 0 ? plan.ServerName : plan.Target.Address.ToString(), Salvage);
    }

    /// <summary>A refusal repeats the header fields of what it refuses, broken as they are (RFC 3261 §8.2.6.2): its status is what counts here.</summary>
    private static SipResponse? Salvage(SipParseFailure failure) => failure.ResponseStatus == 0 ? null : new SipResponse
    {
        Status = failure.ResponseStatus, ReasonPhrase = "", Headers = failure.Headers, CallId = "", CSeq = default,
        Via = new Via { Transport = "", Host = "" }, From = new NameAddress { Address = "" }, To = new NameAddress { Address = "" },
    };

    private async Task<ConformanceVerdict> RunAsync(SipChannelFactory connect, ConformancePlan plan, ConformanceCase test, CancellationToken cancellationToken)
    {
        var started = _time.GetTimestamp();
        var (why, answer) = ("", "nothing");
        try
        {
            (why, answer) = await WithExchangeAsync(connect, plan, async exchange => (await test.Run(exchange) ?? "", exchange.Answer), cancellationToken);
        }
        catch (IOException e)
        {
            why = e.Message;
        }

        var took = _time.GetElapsedTime(started);
        if (!await IsAliveAsync(connect, plan, cancellationToken)) why = why.Length > 0 ? why + "; and the server does not answer any more" : "the server does not answer any more";
        return new ConformanceVerdict(test.Group, test.Name, test.Reference, why.Length == 0, answer, why, Math.Round(took.TotalMilliseconds, 1));
    }

    private async Task<bool> IsAliveAsync(SipChannelFactory connect, ConformancePlan plan, CancellationToken cancellationToken)
    {
        try
        {
            return await WithExchangeAsync(connect, plan, async exchange => await exchange.AskAsync(
                $"OPTIONS sip:{exchange.Target} SIP/2.0\r\nVia: SIP/2.0/{exchange.Transport} {exchange.Local};branch={exchange.NewBranch()};rport\r\nFrom: <sip:ping@conformance.example>;tag={exchange.Token}\r\n"
                + $"To: <sip:{exchange.Target}>\r\nCall-ID: {exchange.Token}@ping\r\nCSeq: 1 OPTIONS\r\nMax-Forwards: 70\r\nContent-Length: 0\r\n\r\n") is not null, cancellationToken);
        }
        catch (IOException)
        {
            return false;   // a connection that is refused is what «dead» looks like; the verdict says it
        }
    }

    private async Task<T> WithExchangeAsync<T>(SipChannelFactory connect, ConformancePlan plan, Func<ConformanceExchange, Task<T>> use, CancellationToken cancellationToken)
    {
        var received = Channel.CreateBounded<SipMessage?>(new BoundedChannelOptions(256) { FullMode = BoundedChannelFullMode.DropWrite, SingleReader = true });
        await using var channel = await connect(plan.Transport, plan.Target, received.Writer, cancellationToken);
        return await use(new ConformanceExchange(channel, received.Reader, Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(8)), _time));
    }
}
