using System.CommandLine;
using System.Net;
using EdgeAssist.Host.Demo;
using EdgeAssist.Host.Terminal;
using EdgeAssist.MediaGateway.Calls;
using EdgeAssist.MediaGateway.Hosting;
using EdgeAssist.MediaGateway.Sip.UserAgent;

namespace EdgeAssist.Host.Commands;

/// <summary><c>edgeassist call</c>: places a SIPREC call from recordings, as an SBC would.</summary>
internal static class CallCommand
{
    public static Command Create()
    {
        var folder = new Argument<string?>("folder") { Description = "A folder with call.json (see samples/README.md).", Arity = ArgumentArity.ZeroOrOne };
        var customer = new Option<string?>("--customer") { Description = "The customer's recording: WAV, 8 kHz, 16-bit, µ-law or A-law." };
        var agent = new Option<string?>("--agent") { Description = "The agent's recording." };
        var to = new Option<string>("--to") { Description = "Where the recording server listens: ADDRESS:PORT.", DefaultValueFactory = _ => "127.0.0.1:5060" };
        var tcp = new Option<bool>("--tcp") { Description = "SIP over TCP in place of UDP." };
        var aLaw = new Option<bool>("--pcma") { Description = "Send A-law in place of µ-law." };
        var command = new Command("call", "Place a SIPREC call from recordings, in real time.") { folder, customer, agent, to, tcp, aLaw };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            if (!IPEndPoint.TryParse(parsed.GetRequiredValue(to), out var target) || target.Port == 0)
                throw new UserError($"--to {parsed.GetValue(to)}: write ADDRESS:PORT, for example 127.0.0.1:5060.");

            var coding = parsed.GetValue(aLaw) ? G711Law.A : G711Law.Mu;
            var streams = parsed.GetValue(folder) is { } named
                ? PlannedCall.Streams(SampleCall.Read(named), coding)
                : PlannedCall.Streams(parsed.GetValue(customer), parsed.GetValue(agent), coding);
            var plan = new RecordingCallPlan
            {
                Target = target,
                Transport = parsed.GetValue(tcp) ? SipTransport.Tcp : SipTransport.Udp,
                Streams = streams,
                Progress = (step, at) => Console.WriteLine($"{at:HH:mm:ss.fff}  {step}"),
            };
            var result = await RecordingClients.Create(TimeProvider.System).PlaceAsync(plan, cancellationToken);
            Console.WriteLine(result.Sentence);
            foreach (var stream in result.Streams) Console.WriteLine($"  label {stream.Label}: {stream.Packets} packets");
            return result.Succeeded ? 0 : 1;
        });
        return command;
    }
}
