using System.Security.Claims;
using EdgeAssist.AlertRelay.Grpc;
using Grpc.Core;

namespace EdgeAssist.AlertRelay.Identity;

/// <summary>A principal that showed a valid token, and how long that holds.</summary>
internal sealed record Caller(Principal Principal, DateTimeOffset ExpiresAt)
{
    /// <exception cref="RpcException">No valid token came with the call.</exception>
    public static Caller Of(ServerCallContext context) =>
        (context.GetHttpContext().User.Identity as CallerIdentity)?.Caller
        ?? throw RelayStatus.Unauthenticated("No access token came with the call. Send «authorization: Bearer …».");

    /// <summary>The caller, when they may look at calls and alerts at all.</summary>
    public static Caller OfWatcher(ServerCallContext context)
    {
        var caller = Of(context);
        return caller.Principal.MayWatch ? caller : throw RelayStatus.Forbidden("This token is for parts of the product, not for people: it sees no calls.");
    }

    /// <summary>The caller, when they may act on alerts.</summary>
    public static Caller OfActor(ServerCallContext context)
    {
        var caller = OfWatcher(context);
        return caller.Principal.MayAct ? caller : throw RelayStatus.Forbidden("Acting on alerts takes the role supervisor or admin.");
    }

    /// <summary>The caller, when they are an admin.</summary>
    public static Caller OfAdmin(ServerCallContext context)
    {
        var caller = OfWatcher(context);
        return caller.Principal.Role == PrincipalRole.Admin ? caller : throw RelayStatus.Forbidden("This takes the role admin.");
    }

    /// <summary>The caller, when they may hand in what analysis says.</summary>
    public static Caller OfPublisher(ServerCallContext context)
    {
        var caller = Of(context);
        return caller.Principal.Role == PrincipalRole.Internal ? caller : throw RelayStatus.Forbidden("Handing in results of analysis takes a token of the role internal.");
    }
}

/// <summary>The caller as ASP.NET carries it.</summary>
internal sealed class CallerIdentity(Caller caller, string scheme) : ClaimsIdentity(
    [new Claim(ClaimTypes.Name, caller.Principal.Subject), new Claim(ClaimTypes.Role, caller.Principal.Role.ToString())], scheme)
{
    public Caller Caller { get; } = caller;
}
