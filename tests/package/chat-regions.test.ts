import { describe, expect, it } from '@jest/globals'
import { propertiesOf, refusalToPackage, templateOf } from '../support/packaged'

describe('a stage in a region without Amazon Translate', () => {
  // Regression: it was deployed, and each message came back untranslated after three attempts.
  it('is not packaged, and the message names the param to set', async () => {
    expect(await refusalToPackage('dev', {}, { region: 'eu-central-2' })).toMatch(
      /Translate is not available in eu-central-2 .*"translateRegion" to a region that has it, such as eu-central-1/s,
    )
  })

  it.each(['TranslateFr', 'TranslateDe'])('passes a configured region to its translator: %s', async (name) => {
    expect(propertiesOf(await templateOf('demo'), `${name}LambdaFunction`)['Environment']).toMatchObject({
      Variables: { TRANSLATE_REGION: 'cn-north-1', SOURCE_LANGUAGE: 'auto' },
    })
  })
})
