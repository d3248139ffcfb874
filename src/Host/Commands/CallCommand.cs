using System.Collections.Immutable;
using System.CommandLine;
using System.Net;
using EdgeAssist.Host.Demo;
using EdgeAssist.Host.Terminal;
using EdgeAssist.MediaGateway.Calls;
using EdgeAssist.MediaGateway.Hosting;
using EdgeAssist.MediaGateway.Sip.Auth;
using EdgeAssist.MediaGateway.Sip.Resolution;
using EdgeAssist.MediaGateway.Sip.UserAgent;

namespace EdgeAssist.Host.Commands;

/// <summary><c>edgeassist call</c>: places a SIPREC call from recordings, as an SBC would.</summary>
internal static class CallCommand
{
    private const string PasswordVariable = "EDGEASSIST_SIP_PASSWORD";

    public static Command Create()
    {
        var folder = new Argument<string?>("folder") { Description = "A folder with call.json (see samples/README.md).", Arity = ArgumentArity.ZeroOrOne };
        var customer = new Option<string?>("--customer") { Description = "The customer's recording: WAV, 8 kHz, 16-bit, µ-law or A-law." };
        var agent = new Option<string?>("--agent") { Description = "The agent's recording." };
        var to = new Option<string>("--to") { Description = "Where the recording server listens: ADDRESS:PORT, or a SIP URI such as \"sips:recorder.example\", which is looked up.", DefaultValueFactory = _ => "127.0.0.1:5060" };
        var tcp = new Option<bool>("--tcp") { Description = "SIP over TCP in place of UDP, for ADDRESS:PORT." };
        var ca = new Option<string>("--tls-ca") { Description = "Roots for the server's certificate over TLS, PEM; those of the system otherwise.", DefaultValueFactory = _ => "" };
        var user = new Option<string?>("--user") { Description = $"Answer the server's challenge as USER@REALM; the password is taken from {PasswordVariable}." };
        var md5 = new Option<bool>("--allow-md5") { Description = "Answer a challenge with MD5 too." };
        var aLaw = new Option<bool>("--pcma") { Description = "Send A-law in place of µ-law." };
        var command = new Command("call", "Place a SIPREC call from recordings, in real time.") { folder, customer, agent, to, tcp, ca, user, md5, aLaw };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var places = await FindAsync(parsed.GetRequiredValue(to), parsed.GetValue(tcp), cancellationToken);
            var identity = ReadIdentity(parsed.GetValue(user), parsed.GetValue(md5));
            var coding = parsed.GetValue(aLaw) ? G711Law.A : G711Law.Mu;
            var streams = parsed.GetValue(folder) is { } named
                ? PlannedCall.Streams(SampleCall.Read(named), coding)
                : PlannedCall.Streams(parsed.GetValue(customer), parsed.GetValue(agent), coding);
            var result = await PlaceAsync(places, parsed.GetRequiredValue(ca), identity, streams, cancellationToken);
            Console.WriteLine(result.Sentence);
            foreach (var stream in result.Streams) Console.WriteLine($"  label {stream.Label}: {stream.Packets} packets");
            return result.Succeeded ? 0 : 1;
        });
        return command;
    }

    /// <summary>Tries one place after the other, until one takes the call or refuses it for good (RFC 3263 §4.3).</summary>
    private static async Task<RecordingCallResult> PlaceAsync(
        ImmutableArray<SipDestination> places, string ca, DigestIdentity? identity, ImmutableArray<RecordingCallStream> streams, CancellationToken cancellationToken)
    {
        RecordingCallResult? result = null;
        foreach (var place in places)
        {
            if (result is not null) Console.WriteLine($"{result.Sentence} Trying {place.EndPoint} ({place.Transport}).");
            var plan = new RecordingCallPlan
            {
                Target = place.EndPoint, Transport = place.Transport, Streams = streams,
                Progress = (step, at) => Console.WriteLine($"{at:HH:mm:ss.fff}  {step}"),
            };
            result = await NewClient(place, ca, identity).PlaceAsync(plan, cancellationToken);
            if (result.Succeeded || result.Status is not (0 or 503) || cancellationToken.IsCancellationRequested) break;
        }

        return result!;
    }

    private static RecordingClient NewClient(SipDestination place, string ca, DigestIdentity? identity)
    {
        try
        {
            return RecordingClients.Create(TimeProvider.System, place.Name, ca, identity);
        }
        catch (Exception e) when (e is IOException or InvalidDataException or UnauthorizedAccessException)
        {
            throw new UserError($"--tls-ca: {e.Message}", e);
        }
    }

    private static async Task<ImmutableArray<SipDestination>> FindAsync(string to, bool tcp, CancellationToken cancellationToken)
    {
        if (IPEndPoint.TryParse(to, out var target) && target.Port != 0)
            return [new SipDestination(tcp ? SipTransport.Tcp : SipTransport.Udp, target, target.Address.ToString())];
        if (!to.StartsWith("sip:", StringComparison.OrdinalIgnoreCase) && !to.StartsWith("sips:", StringComparison.OrdinalIgnoreCase))
            throw new UserError($"--to {to}: write ADDRESS:PORT, for example 127.0.0.1:5060, or a SIP URI, for example sip:recorder.example.");
        var places = await RecordingClients.FindAsync(to, TimeProvider.System, cancellationToken);
        return places.IsEmpty ? throw new UserError($"--to {to} leads nowhere: its name is not known, or its transport is not spoken here.") : places;
    }

    private static DigestIdentity? ReadIdentity(string? user, bool allowMd5)
    {
        if (user is null) return null;
        var at = user.LastIndexOf('@');
        if (at < 1 || at == user.Length - 1) throw new UserError($"--user {user}: write USER@REALM.");
        var password = Environment.GetEnvironmentVariable(PasswordVariable);
        if (string.IsNullOrEmpty(password)) throw new UserError($"--user {user}: put the password into the environment variable {PasswordVariable}.");
        return new DigestIdentity(user[(at + 1)..], user[..at], password, allowMd5);
    }
}
