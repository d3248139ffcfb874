namespace EdgeAssist.AlertRelay.Rules;

/// <summary>The numbers behind alerts.</summary>
internal sealed record AlertPolicy
{
    /// <summary>The mildest level that opens an alert.</summary>
    public V1.Level OpenAt { get; init; } = V1.Level.Escalated;

    /// <summary>The worst level that counts as calm.</summary>
    public V1.Level CalmAt { get; init; } = V1.Level.Calm;

    /// <summary>How long a call must be calm, on its own timeline, before the alert says so.</summary>
    public TimeSpan CalmFor { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// How long after somebody ended an alert the same, never calmed call stays quiet before it may open another.
    /// </summary>
    public TimeSpan CoolDown { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>How long a claim holds without being renewed.</summary>
    public TimeSpan Lease { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>
    /// How long nothing may be said about a call before it is ended as lost; null: never. Set where several relays share a
    /// log, and none can know whether the call's publisher still lives.
    /// </summary>
    public TimeSpan? SilentCallAfter { get; init; }

    /// <summary>Who is asked when nobody acts.</summary>
    public Rota Rota { get; init; } = Rota.Empty;

    /// <summary>A graver alert for the same customer keeps milder ones quiet.</summary>
    public bool InhibitWithinGroup { get; init; }

    /// <summary>How long the answer to a request id is remembered.</summary>
    public TimeSpan RequestMemory { get; init; } = TimeSpan.FromHours(24);
}
