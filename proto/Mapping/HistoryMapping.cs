using System.Globalization;
using EdgeAssist.Contracts;
using Google.Protobuf.WellKnownTypes;

namespace EdgeAssist.Proto.Mapping;

/// <summary>Customers and what happened to them between <see cref="Contracts"/> and the wire.</summary>
public static class HistoryMapping
{
    public static V1.CallHistory ToWire(this CallHistory history) => new()
    {
        CallId = history.Call.Value,
        Outcome = (V1.MatchOutcome)(int)history.Match.Outcome,
        Identifier = history.Match.Identifier,
        Reason = history.Match.Reason,
        Customer = history.Customer?.ToWire(history.Counts, history.LookedUpAt),
        LookedUpAt = history.LookedUpAt.ToTimestamp(),
    };

    public static CallHistory ToContract(this V1.CallHistory history) => new()
    {
        Call = new CallId(history.CallId),
        Match = new CustomerMatch(history.Outcome is >= V1.MatchOutcome.Unspecified and <= V1.MatchOutcome.Failed ? (MatchOutcome)(int)history.Outcome : MatchOutcome.Failed, history.Identifier, history.Reason),
        Customer = history.Customer?.ToContract(),
        Counts = history.Customer?.Counts?.ToContract(),
        LookedUpAt = history.LookedUpAt?.ToDateTimeOffset() ?? DateTimeOffset.UnixEpoch,
    };

    /// <param name="customer">The customer.</param>
    /// <param name="counts">The same as counts, null for none.</param>
    /// <param name="now">The moment promises are judged at.</param>
    public static V1.Customer ToWire(this CustomerRecord customer, CustomerHistory? counts, DateTimeOffset now)
    {
        var wire = new V1.Customer
        {
            Key = customer.Key,
            Name = customer.Name,
            Locale = customer.Locale,
            AsOf = customer.AsOf.ToTimestamp(),
            Stale = customer.IsStale,
            Counts = counts?.ToWire(),
        };
        if (customer.Value is { } value) wire.Value = value;
        wire.Interactions.AddRange(customer.Interactions.Select(interaction => interaction.ToWire(now)));
        return wire;
    }

    public static CustomerRecord ToContract(this V1.Customer customer) => new()
    {
        Key = customer.Key,
        Name = customer.Name,
        Value = customer.HasValue ? customer.Value : null,
        Locale = customer.Locale,
        Interactions = [.. customer.Interactions.Select(ToContract)],
        AsOf = customer.AsOf?.ToDateTimeOffset() ?? DateTimeOffset.UnixEpoch,
        IsStale = customer.Stale,
    };

    private static V1.Interaction ToWire(this CustomerInteraction interaction, DateTimeOffset now)
    {
        var wire = new V1.Interaction
        {
            Source = interaction.Source,
            SourceId = interaction.SourceId,
            Kind = (V1.InteractionKind)(int)interaction.Kind,
            State = (V1.InteractionState)(int)interaction.State,
            At = interaction.At.ToTimestamp(),
            DueAt = interaction.DueAt?.ToTimestamp(),
            ClosedAt = interaction.ClosedAt?.ToTimestamp(),
            Matter = interaction.Matter,
            Channel = interaction.Channel,
            Summary = interaction.Summary,
            Amount = interaction.Amount?.ToString(CultureInfo.InvariantCulture) ?? "",
            Currency = interaction.Currency,
            AsOf = interaction.AsOf.ToTimestamp(),
            Broken = interaction.IsBrokenAt(now),
        };
        if (interaction.Rating is { } rating) wire.Rating = rating;
        return wire;
    }

    /// <summary>An interaction as the relay told it: what is not understood is left out, never an exception.</summary>
    private static CustomerInteraction ToContract(V1.Interaction interaction) => new()
    {
        Source = interaction.Source,
        SourceId = interaction.SourceId,
        Kind = interaction.Kind is >= V1.InteractionKind.Contact and <= V1.InteractionKind.Satisfaction ? (InteractionKind)(int)interaction.Kind : InteractionKind.Contact,
        State = interaction.State is >= V1.InteractionState.Unspecified and <= V1.InteractionState.Broken ? (InteractionState)(int)interaction.State : InteractionState.None,
        At = interaction.At?.ToDateTimeOffset() ?? DateTimeOffset.UnixEpoch,
        DueAt = interaction.DueAt?.ToDateTimeOffset(),
        ClosedAt = interaction.ClosedAt?.ToDateTimeOffset(),
        Matter = interaction.Matter,
        Channel = interaction.Channel,
        Summary = interaction.Summary,
        Amount = decimal.TryParse(interaction.Amount, NumberStyles.Number, CultureInfo.InvariantCulture, out var amount) ? amount : null,
        Currency = interaction.Currency,
        Rating = interaction.HasRating ? interaction.Rating : null,
        AsOf = interaction.AsOf?.ToDateTimeOffset() ?? DateTimeOffset.UnixEpoch,
    };
}
