using System.CommandLine;
using System.Net;
using EdgeAssist.Testing;

namespace EdgeAssist.RelayBench;

/// <summary>A bad network for any two programs: an entrance port that leads to another, for a while.</summary>
internal static class ImpairCommand
{
    public static Command Create()
    {
        var to = new Option<int>("--to") { Description = "UDP port on 127.0.0.1 that the link leads to.", Required = true };
        var loss = new Option<double>("--loss") { Description = "Share of datagrams lost, 0 to 1." };
        var delay = new Option<double>("--delay") { Description = "Delay in milliseconds." };
        var jitter = new Option<double>("--jitter") { Description = "Up to so many milliseconds more." };
        var reorder = new Option<double>("--reorder") { Description = "Share of datagrams that later ones overtake." };
        var duplicate = new Option<double>("--duplicate") { Description = "Share of datagrams sent twice." };
        var seed = new Option<int>("--seed") { Description = "The same seed gives the same fate to the same datagrams.", DefaultValueFactory = _ => 1 };
        var seconds = new Option<int>("--sec") { Description = "How long, 1 to 3600.", DefaultValueFactory = _ => 60 };
        var command = new Command("impair", "A link with loss, delay, jitter, reordering and duplication in front of a UDP port.") { to, loss, delay, jitter, reorder, duplicate, seed, seconds };
        command.SetAction(async (arguments, cancellationToken) =>
        {
            var profile = new NetworkProfile
            {
                Loss = arguments.GetValue(loss), Delay = TimeSpan.FromMilliseconds(arguments.GetValue(delay)), Jitter = TimeSpan.FromMilliseconds(arguments.GetValue(jitter)),
                Reordering = arguments.GetValue(reorder), Duplication = arguments.GetValue(duplicate),
            };
            using var link = new ImpairedLink(new IPEndPoint(IPAddress.Loopback, arguments.GetValue(to)), profile, arguments.GetValue(seed), TimeProvider.System);
            Console.WriteLine($"{link.Entrance} leads to port {arguments.GetValue(to)}; it sees {link.Exit}.");
            using var clock = new PeriodicTimer(TimeSpan.FromSeconds(Math.Clamp(arguments.GetValue(seconds), 1, 3_600)));
            await clock.WaitForNextTickAsync(cancellationToken);
            Console.WriteLine($"out {link.Counts.Out}");
            Console.WriteLine($"back {link.Counts.Back}");
        });
        return command;
    }
}
