using EdgeAssist.Host.Terminal;

namespace EdgeAssist.Host.Composition;

/// <summary>Which parts run in this process.</summary>
[Flags]
internal enum ApplianceRole
{
    Gateway = 1,
    Inference = 2,
    Relay = 4,
    All = Gateway | Inference | Relay,
}

internal static class ApplianceRoles
{
    /// <exception cref="UserError">The word is no role.</exception>
    public static ApplianceRole Parse(string word) => word switch
    {
        "all" => ApplianceRole.All,
        "gateway" => ApplianceRole.Gateway,
        "inference" => ApplianceRole.Inference,
        "relay" => ApplianceRole.Relay,
        _ => throw new UserError($"--role {word}: there is no such role. Use all, gateway, inference or relay."),
    };
}
