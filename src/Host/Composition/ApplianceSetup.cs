namespace EdgeAssist.Host.Composition;

/// <summary>What an appliance is made of.</summary>
internal sealed record ApplianceSetup
{
    public required IConfiguration Configuration { get; init; }

    public ApplianceRole Role { get; init; } = ApplianceRole.All;

    /// <summary>Replaces the console log, for the demo and tests; null: console, by section <c>Logging</c>.</summary>
    public Action<ILoggingBuilder>? Logging { get; init; }

    public string DataDirectory => Composition.DataDirectory.Resolve(Configuration["Data:Directory"]);
}
