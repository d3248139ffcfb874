using System.Globalization;
using EdgeAssist.AlertRelay.History.Matching;
using EdgeAssist.AlertRelay.History.Store;
using EdgeAssist.Contracts;

namespace EdgeAssist.AlertRelay.Grpc;

/// <summary>One request's customers and interactions, each answered for itself.</summary>
internal sealed class HistoryPush(V1.UpsertHistoryRequest request, string region, DateTimeOffset now)
{
    private static readonly TimeSpan ClockDrift = TimeSpan.FromMinutes(5);

    public V1.UpsertHistoryResponse Put(HistoryBatch batch)
    {
        // A source whose clock is ahead must not look fresh for longer than it is.
        var asOf = request.AsOf?.ToDateTimeOffset() is { } said && said < now + ClockDrift ? said : now;
        var response = new V1.UpsertHistoryResponse();
        var source = batch.Source(request.Source);
        response.Customers.AddRange(request.Customers.Select(customer => Put(batch, source, customer, asOf)));
        response.Interactions.AddRange(request.Interactions.Select(interaction => Put(batch, interaction, asOf)));
        batch.Fresh(source, asOf);
        return response;
    }

    private V1.UpsertResult Put(HistoryBatch batch, long source, V1.CustomerUpsert customer, DateTimeOffset asOf)
    {
        if (customer.Region.Length > 0 && !TelephoneNumber.Knows(customer.Region)) return Refused("region is no ISO 3166 country.");
        var identifiers = new List<Identifier>();
        foreach (var told in customer.Identifiers)
        {
            if (!Identifier.Kinds.TryGetValue(told.Kind, out var kind)) return Refused($"identifiers: \"{told.Kind}\" is no kind; {string.Join(", ", Identifier.Kinds.Keys)} fit.");
            if (Identifier.Parse(kind, told.Value, customer.Region.Length > 0 ? customer.Region : region) is not { } identifier)
                return Refused($"identifiers: number {identifiers.Count + 1} is no {told.Kind}.");
            identifiers.Add(identifier);
        }

        var write = new CustomerWrite
        {
            Key = customer.Key, Name = customer.Name, Value = customer.HasValue ? customer.Value : null, Locale = customer.Locale,
            Identifiers = [.. identifiers], AllIdentifiers = true, AsOf = asOf,
        };
        return write.Fault() is { } fault ? Refused(fault) : Done(batch.Put(source, write));
    }

    private V1.UpsertResult Put(HistoryBatch batch, V1.Interaction told, DateTimeOffset asOf)
    {
        if (told.Kind is < V1.InteractionKind.Contact or > V1.InteractionKind.Satisfaction) return Refused("kind is missing, or newer than this build.");
        if (told.State is < V1.InteractionState.Unspecified or > V1.InteractionState.Broken) return Refused("state is newer than this build.");
        if (told.At is null) return Refused("at is missing.");
        decimal? amount = null;
        if (told.Amount.Length > 0)
        {
            if (!decimal.TryParse(told.Amount, NumberStyles.Number & ~NumberStyles.AllowThousands, CultureInfo.InvariantCulture, out var money)) return Refused("amount is no decimal number.");
            amount = money;
        }

        var write = new InteractionWrite(told.CustomerKey, new CustomerInteraction
        {
            Source = told.Source.Length > 0 ? told.Source : request.Source, SourceId = told.SourceId,
            Kind = (InteractionKind)(int)told.Kind, State = (InteractionState)(int)told.State,
            At = told.At.ToDateTimeOffset(), DueAt = told.DueAt?.ToDateTimeOffset(), ClosedAt = told.ClosedAt?.ToDateTimeOffset(),
            Matter = told.Matter, Channel = told.Channel, Summary = told.Summary, Amount = amount, Currency = told.Currency,
            Rating = told.HasRating ? told.Rating : null, AsOf = told.AsOf?.ToDateTimeOffset() ?? asOf,
        });
        return write.Fault() is { } fault ? Refused(fault) : Done(batch.Put(write));
    }

    private static V1.UpsertResult Refused(string problem) => new() { Outcome = V1.UpsertOutcome.Refused, Problem = problem };

    private static V1.UpsertResult Done(PutOutcome outcome) => new() { Outcome = (V1.UpsertOutcome)(int)outcome };
}
