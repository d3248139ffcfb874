using System.CommandLine;
using System.Globalization;
using EdgeAssist.Host.Terminal;
using EdgeAssist.V1;
using Grpc.Core;
using Grpc.Net.Client;

namespace EdgeAssist.Host.Commands;

/// <summary><c>edgeassist supervise</c>: puts a supervisor's phone on a live call, and follows it until it is over.</summary>
internal static class SuperviseCommand
{
    public static Command Create()
    {
        var call = new Argument<string>("CALL") { Description = "Id of the live call, as `edgeassist watch --calls` shows it." };
        var mode = new Option<string>("--mode") { Description = "listen, whisper (the agent alone hears you) or barge (both do).", DefaultValueFactory = _ => "listen" };
        var phone = new Option<string>("--phone") { Description = "SIP URI to call in place of your configured phone, where the gateway allows that.", DefaultValueFactory = _ => "" };
        var reason = new Option<string>("--reason") { Description = "For the journal.", DefaultValueFactory = _ => "" };
        var address = new Option<string>("--address", "-a") { Description = "The relay, for example https://box.example:7443.", DefaultValueFactory = _ => "http://127.0.0.1:7443" };
        var token = new Option<string?>("--token") { Description = $"Access token; better in the variable {WatchCommand.TokenVariable}." };
        var command = new Command("supervise", "Put your phone on a live call. Type listen, whisper, barge, takeover or leave; Ctrl-C leaves.") { call, mode, phone, reason, address, token };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var bearer = parsed.GetValue(token) ?? Environment.GetEnvironmentVariable(WatchCommand.TokenVariable)
                ?? throw new UserError($"No access token. Make one with `edgeassist token --role supervisor --subject NAME --team '*'` and set {WatchCommand.TokenVariable}.");
            if (!Uri.TryCreate(parsed.GetRequiredValue(address), UriKind.Absolute, out var relay) || relay.Scheme is not ("http" or "https"))
                throw new UserError($"--address {parsed.GetValue(address)}: write http://HOST:PORT or https://HOST:PORT.");
            var wanted = ModeOf(parsed.GetRequiredValue(mode)) ?? throw new UserError($"--mode {parsed.GetValue(mode)}: use listen, whisper or barge.");

            using var channel = GrpcChannel.ForAddress(relay);
            var session = new SupervisorSession(new Supervision.SupervisionClient(channel), new Metadata { { "authorization", "Bearer " + bearer } }, Console.Out);
            var request = new JoinRequest
            {
                CallId = parsed.GetRequiredValue(call), Mode = wanted, Phone = parsed.GetRequiredValue(phone), Reason = parsed.GetRequiredValue(reason),
                RequestId = Guid.NewGuid().ToString("N"),
            };
            try
            {
                return await session.RunAsync(request, Console.IsInputRedirected ? TextReader.Null : Console.In, cancellationToken);
            }
            catch (RpcException refused)
            {
                throw new UserError(refused.Status.Detail.Length > 0 ? refused.Status.Detail : $"{relay} did not answer ({refused.StatusCode}).", refused);
            }
        });
        return command;
    }

    /// <summary>A mode by its word; null for no mode of joining.</summary>
    public static SupervisionMode? ModeOf(string word) => word.Trim().ToLowerInvariant() switch
    {
        "listen" => SupervisionMode.Listen,
        "whisper" => SupervisionMode.Whisper,
        "barge" => SupervisionMode.Barge,
        _ => null,
    };
}

/// <summary>One supervisor's stay on a call, from a terminal.</summary>
internal sealed class SupervisorSession(Supervision.SupervisionClient client, Metadata headers, TextWriter output)
{
    private static readonly TimeSpan s_leaveTime = TimeSpan.FromSeconds(10);

    /// <summary>Joins, does what is typed, and returns when it is over.</summary>
    /// <returns>0 when the supervisor was on the call, 1 when the phone never was.</returns>
    public async Task<int> RunAsync(JoinRequest request, TextReader input, CancellationToken cancellationToken)
    {
        var joined = await client.JoinAsync(request, headers, cancellationToken: cancellationToken);
        using var over = new CancellationTokenSource();
        var typing = Task.Run(() => ObeyAsync(joined.InterventionId, input, over.Token), CancellationToken.None);
        await using var leave = cancellationToken.Register(() => _ = LeaveAsync(joined.InterventionId));
        var last = await FollowAsync(joined);
        await over.CancelAsync();
        if (input == TextReader.Null) await typing;   // a terminal's read cannot be taken back; the process ends with it
        return last.AnsweredAt is null ? 1 : 0;
    }

    private async Task<Intervention> FollowAsync(Intervention joined)
    {
        var (told, newest) = (0, joined);
        using var watching = client.Watch(new WatchInterventionsRequest { CallIds = { joined.CallId } }, headers);
        await foreach (var list in watching.ResponseStream.ReadAllAsync())
        {
            newest = list.Interventions_.FirstOrDefault(known => known.InterventionId == joined.InterventionId) ?? newest;
            for (; told < newest.Steps.Count; told++) await output.WriteLineAsync(Describe(newest.Steps[told]));
            if (newest.State == InterventionState.Ended) break;
        }

        return newest;
    }

    private async Task ObeyAsync(string id, TextReader input, CancellationToken over)
    {
        while (!over.IsCancellationRequested && await input.ReadLineAsync(over) is { } line)
        {
            try
            {
                if (SuperviseCommand.ModeOf(line) is { } mode)
                    await client.ChangeModeAsync(new ChangeModeRequest { RequestId = Guid.NewGuid().ToString("N"), InterventionId = id, Mode = mode }, headers, cancellationToken: over);
                else if (line.Trim().Equals("takeover", StringComparison.OrdinalIgnoreCase))
                    await client.TakeOverAsync(new TakeOverRequest { RequestId = Guid.NewGuid().ToString("N"), InterventionId = id }, headers, cancellationToken: over);
                else if (line.Trim().Equals("leave", StringComparison.OrdinalIgnoreCase)) await LeaveAsync(id);
                else if (line.Trim().Length > 0) await output.WriteLineAsync("Type listen, whisper, barge, takeover or leave.");
            }
            catch (RpcException refused)
            {
                await output.WriteLineAsync(refused.Status.Detail);
            }
        }
    }

    private async Task LeaveAsync(string id)
    {
        try
        {
            await client.LeaveAsync(new LeaveRequest { RequestId = Guid.NewGuid().ToString("N"), InterventionId = id }, headers, TimeProvider.System.GetUtcNow().Add(s_leaveTime).UtcDateTime);
        }
        catch (RpcException refused)
        {
            await output.WriteLineAsync($"Leaving was not possible: {refused.Status.Detail}. Hang up your phone.");
        }
    }

    private static string Describe(InterventionChange step)
    {
        var status = step.SipStatus > 0 ? string.Create(CultureInfo.InvariantCulture, $" {step.SipStatus}") : "";
        return $"{step.At.ToDateTimeOffset():HH:mm:ss}  {step.State.ToString().ToLowerInvariant()}  {step.Cause}{status}  {step.Sentence}".TrimEnd();
    }
}
