using EdgeAssist.AlertRelay.Hosting;
using EdgeAssist.AlertRelay.Identity;
using EdgeAssist.AlertRelay.State;
using Grpc.Core;

namespace EdgeAssist.AlertRelay.Grpc;

/// <summary><c>edgeassist.v1.Silences</c>: for admins, and for supervisors within their teams.</summary>
internal sealed class SilencesService(RelayRuntime runtime) : V1.Silences.SilencesBase
{
    private static readonly TimeSpan Longest = TimeSpan.FromDays(7);

    public override async Task<V1.Silence> Create(V1.CreateSilenceRequest request, ServerCallContext context)
    {
        var caller = Caller.OfActor(context);
        Limits.CheckRequestId(request.RequestId);
        var asked = request.Silence ?? throw RelayStatus.Invalid("There is no silence in the request.");
        Reach(caller.Principal, asked);
        Limits.Check(nameof(asked.Comment), asked.Comment, 1000);
        Limits.Check(nameof(asked.Agents), asked.Agents.Count + asked.CallIds.Count + asked.Teams.Count, 100);

        var now = runtime.Table.Time.GetUtcNow();
        var silence = new V1.Silence(asked) { SilenceId = "", CreatedBy = caller.Principal.Subject };
        silence.StartsAt ??= Timestamp.FromDateTimeOffset(now);
        if (silence.EndsAt is null) throw RelayStatus.Invalid("A silence needs an end: ends_at.");
        var length = silence.EndsAt.ToDateTimeOffset() - silence.StartsAt.ToDateTimeOffset();
        if (length <= TimeSpan.Zero || length > Longest || silence.EndsAt.ToDateTimeOffset() <= now)
            throw RelayStatus.Invalid($"A silence ends after it starts and in the future, and lasts {Longest.TotalDays} days at most.");
        return await KeepAsync(silence, caller, request.RequestId, context);
    }

    public override Task<V1.ListSilencesResponse> List(V1.ListSilencesRequest request, ServerCallContext context)
    {
        var principal = Caller.OfActor(context).Principal;
        var response = new V1.ListSilencesResponse();
        response.Silences.AddRange(runtime.Table.Writer.State.Silences.Values
            .Select(kept => kept.Silence)
            .Where(silence => IsWithin(principal, silence))
            .OrderBy(silence => silence.EndsAt.ToDateTimeOffset()));
        return Task.FromResult(response);
    }

    public override async Task<V1.Silence> End(V1.EndSilenceRequest request, ServerCallContext context)
    {
        var caller = Caller.OfActor(context);
        Limits.CheckRequestId(request.RequestId);
        var known = runtime.Table.Writer.State.Silences.GetValueOrDefault(request.SilenceId)?.Silence;
        if (known is null || !IsWithin(caller.Principal, known))
        {
            // A repeat of the request that ended it is answered from what is remembered.
            var remembered = runtime.Table.Writer.State.Requests.GetValueOrDefault(RequestKeys.Of(caller.Principal.Subject, request.RequestId))?.Silence;
            return remembered?.SilenceId == request.SilenceId && request.SilenceId.Length > 0
                ? remembered
                : throw RelayStatus.NotFound($"There is no silence {request.SilenceId} in force, or it is out of your scope.");
        }

        return await KeepAsync(known, caller, request.RequestId, context);
    }

    private async Task<V1.Silence> KeepAsync(V1.Silence silence, Caller caller, string requestId, ServerCallContext context)
    {
        var answer = await runtime.Table.Writer.KeepAsync(silence, RequestKeys.Of(caller.Principal.Subject, requestId), requestId, context.CancellationToken);
        return answer.Verdict == StepVerdict.Accepted ? answer.Silence! : throw RelayStatus.From(answer);
    }

    private static void Reach(Principal principal, V1.Silence silence)
    {
        if (!IsWithin(principal, silence)) throw RelayStatus.Forbidden("A supervisor can silence alerts of their own teams only: name them in the silence.");
    }

    private static bool IsWithin(Principal principal, V1.Silence silence) =>
        principal.Role == PrincipalRole.Admin
        || principal.Teams.Contains(Principal.AllTeams)
        || (silence.Teams.Count > 0 && silence.Teams.All(principal.Teams.Contains));
}

/// <summary>What requests may carry.</summary>
internal static class Limits
{
    private const int MaxRequestId = 128;

    public static void CheckRequestId(string requestId)
    {
        if (requestId.Length is 0 or > MaxRequestId)
            throw RelayStatus.Invalid($"An action needs a request id of 1 to {MaxRequestId} characters; repeating it is then safe.");
    }

    public static void Check(string what, string text, int most) => Check(what + " (characters)", text.Length, most);

    public static void Check(string what, int count, int most)
    {
        if (count > most) throw RelayStatus.Invalid($"{what}: {count} are too many; {most} at most.");
    }
}
