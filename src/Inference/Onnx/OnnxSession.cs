using EdgeAssist.Inference.Models;
using Microsoft.ML.OnnxRuntime;

namespace EdgeAssist.Inference.Onnx;

/// <summary>Makes sessions from checked octets, all with the same threading: one thread a run, so that several calls run side by side.</summary>
internal static class OnnxSession
{
    /// <param name="store">Where the file is.</param>
    /// <param name="model">The manifest's entry.</param>
    /// <param name="file">One of its files.</param>
    /// <param name="arena">
    /// Whether freed tensors are kept for the next run: needed by graphs that make many large ones, a waste of tens of megabytes
    /// for the split decoder, whose tensors are small.
    /// </param>
    /// <exception cref="ModelException">Missing, altered, or not a graph the runtime takes.</exception>
    public static InferenceSession Load(ModelStore store, ModelEntry model, string file, bool arena = true)
    {
        var bytes = store.Read(model, file);
        using var options = new SessionOptions
        {
            IntraOpNumThreads = 1,
            InterOpNumThreads = 1,
            ExecutionMode = ExecutionMode.ORT_SEQUENTIAL,
            GraphOptimizationLevel = GraphOptimizationLevel.ORT_ENABLE_ALL,
            EnableCpuMemArena = arena,
            LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR,
        };

        // Spinning threads double the CPU time for nothing (see the README's table).
        options.AddSessionConfigEntry("session.intra_op.allow_spinning", "0");

        // Where there is no VNNI the kernel for signed 8-bit weights cuts large products off at 16 bits (wrong words); this takes
        // the one for unsigned weights there, which does not. With VNNI it changes nothing.
        options.AddSessionConfigEntry("session.x64quantprecision", "1");
        try
        {
            return new InferenceSession(bytes, options);
        }
        catch (OnnxRuntimeException e)
        {
            throw new ModelException($"The file {file} of the model \"{model.Name}\" cannot be loaded: {e.Message}", e);
        }
    }

    /// <exception cref="ModelException">The graph has no input or output of that name.</exception>
    public static void Require(InferenceSession session, ModelEntry model, IEnumerable<string> inputs, IEnumerable<string> outputs)
    {
        foreach (var name in inputs.Where(name => !session.InputMetadata.ContainsKey(name)))
            throw new ModelException($"The model \"{model.Name}\" has no input \"{name}\"; the manifest says it has.");
        foreach (var name in outputs.Where(name => !session.OutputMetadata.ContainsKey(name)))
            throw new ModelException($"The model \"{model.Name}\" has no output \"{name}\"; the manifest says it has.");
    }
}
