using System.CommandLine;
using EdgeAssist.Contracts;
using Microsoft.Extensions.DependencyInjection;

namespace EdgeAssist.RelayLoad;

/// <summary><c>alertwrite</c>: how many alerts a second become durable, and how long each waits for its acknowledgement.</summary>
internal static class AlertWriteCommand
{
    public static Command Create()
    {
        var publishers = new Option<int>("--publishers") { DefaultValueFactory = _ => 64 };
        var alerts = new Option<int>("--alerts") { DefaultValueFactory = _ => 20_000 };
        var command = new Command("alertwrite", "Durable alerts a second.") { publishers, alerts };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            using var scratch = new Scratch();
            await using var app = ServeCommand.Build(scratch.Path, "");
            await app.StartAsync(cancellationToken);
            var sink = app.Services.GetRequiredService<ICallScoreSink>();
            var publisher = new Publisher(sink);
            var (many, each) = (parsed.GetValue(publishers), parsed.GetValue(alerts) / parsed.GetValue(publishers));
            var took = new double[many * each];
            var began = TimeProvider.System.GetTimestamp();
            await Task.WhenAll(Enumerable.Range(0, many).Select(index => Task.Run(async () =>
            {
                for (var i = 0; i < each; i++)
                {
                    // The call's beginning, its score and its alert: three records, two waits; the second is the alert's.
                    var call = await publisher.StartAsync();
                    var said = TimeProvider.System.GetTimestamp();
                    await sink.PublishAsync(Publisher.Escalated(call), cancellationToken);
                    took[index * each + i] = TimeProvider.System.GetElapsedTime(said).TotalMilliseconds;
                    await sink.PublishAsync(new CallEnded(call, Instant.Now(TimeProvider.System), CallEndReason.Hangup), cancellationToken);
                }
            }, cancellationToken)));
            var elapsed = TimeProvider.System.GetElapsedTime(began);
            Figures.Tell(Figures.Text($"alertwrite: {many} publishers, {took.Length / elapsed.TotalSeconds:0} durable alerts/s (five records each), acknowledge {Figures.Of([.. took])}; {Figures.Machine}"));
            await app.StopAsync(CancellationToken.None);
            return 0;
        });
        return command;
    }
}
