using System.CommandLine;
using EdgeAssist.Host.Commands;
using EdgeAssist.Host.Terminal;
using EdgeAssist.Inference.Models;
using EdgeAssist.Inference.Onnx;
using EdgeAssist.Inference.Sentiment;
using EdgeAssist.SpokenCalls;
using EdgeAssist.Training.Text;
using EdgeAssist.Training.Voice;

var escalating = new Option<int>("--escalating") { Description = "Calls that escalate.", DefaultValueFactory = _ => 10 };
var recovering = new Option<int>("--recovering") { Description = "Calls that heat up and recover.", DefaultValueFactory = _ => 5 };
var calm = new Option<int>("--calm") { Description = "Calm calls.", DefaultValueFactory = _ => 15 };
var seed = new Option<ulong>("--seed") { Description = "Seed of every draw.", DefaultValueFactory = _ => 1 };
var engine = new Option<SpeechEngine>("--engine") { Description = "Who speaks: flite or espeakNg.", DefaultValueFactory = _ => SpeechEngine.Flite };
var root = new RootCommand("Speaks generated calls of the test families and plays them from RTP to the alert, on a clock of their own.") { escalating, recovering, calm, seed, engine };
root.SetAction(async (parsed, cancellationToken) =>
{
    var store = new ModelStore();
    using var replay = ReplayCommand.Load(store, "");
    using var sentiment = RememberingSentiment.Load(store, TextSentiments.Default);
    using var arousal = OnnxArousalModel.Load(store);
    var calls = SpokenEvaluation.Choose(parsed.GetRequiredValue(escalating), parsed.GetRequiredValue(recovering), parsed.GetRequiredValue(calm), parsed.GetRequiredValue(seed));
    await new SpokenEvaluation(replay, sentiment, arousal, Console.Out).RunAsync(calls, parsed.GetRequiredValue(engine), parsed.GetRequiredValue(seed), cancellationToken);
    return 0;
});

try
{
    return await root.Parse(args).InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false });
}
catch (Exception e) when (e is UserError or ModelException or InvalidOperationException)
{
    Console.Error.WriteLine(e.Message);
    return 1;
}
